#include "guards/contents.h"

#include <optional>

#include "guards/plain_texts.h"

namespace weir {
namespace {

Contents with(const guards::PlainTexts& plain, const Request& request, const FoundClasses& found) {
  const auto shapes =
      static_cast<UnreadableSet>(request.document->carries() | (request.inputs_are_tokens ? unreadable_tokens : 0));
  return {.classes = found.all,
          .below_medium = found.below_medium,
          .below_high = found.below_high,
          .unreadable = static_cast<UnreadableSet>(plain.unreadable() | shapes),
          .carried = static_cast<UnreadableSet>(plain.carried() | shapes)};
}

}  // namespace

Contents read_contents(const GuardSet& guards, const Request& request) {
  ContentsReading reading(guards, request);
  while (!reading.advance(SIZE_MAX)) {
  }
  return reading.contents();
}

struct ContentsReading::State {
  State(const GuardSet& of, const Request& from)
      : guards(of), request(from), plain(from.texts(), from.document->media()) {}

  const GuardSet& guards;
  const Request& request;
  guards::PlainTexts plain;
  std::optional<GuardSet::Reading> reading;
  bool locating = false;
};

ContentsReading::ContentsReading(const GuardSet& guards, const Request& request)
    : state_(std::make_unique<State>(guards, request)) {}

ContentsReading::~ContentsReading() = default;

bool ContentsReading::advance(std::size_t bytes) {
  auto& [guards, request, plain, reading, locating] = *state_;
  if (!reading) {
    if (!plain.advance(bytes)) return false;
    reading.emplace(guards, texts(), request.document->text_kinds());
    if (locating) reading->locate();
  }
  return reading->advance(bytes);
}

void ContentsReading::locate() { state_->locating = true; }

std::vector<Located> ContentsReading::located() const {
  return state_->reading ? state_->reading->located() : std::vector<Located>();
}

const std::vector<FoundPlace>& ContentsReading::places() const {
  static const std::vector<FoundPlace> none;
  return state_->reading ? state_->reading->places() : none;
}

Contents ContentsReading::contents() const {
  return with(state_->plain, state_->request, state_->reading ? state_->reading->found() : FoundClasses{});
}

const std::vector<std::string_view>& ContentsReading::texts() const {
  return state_->plain.changed() ? state_->plain.texts() : state_->request.texts();
}

}  // namespace weir
