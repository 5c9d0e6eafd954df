// Any bytes through all guards: no crash, findings lie within the text, and the quick way finds the classes of the slow
// one. Then the same bytes as several texts, parted by NUL, and as a request's body: read joined they hold at least
// what each of them holds alone, and a part at a time the same as at once.
#include <cstdlib>

#include "core/json.h"
#include "guards/guard.h"

namespace {

const weir::GuardSet& all_guards() {
  static const weir::GuardSet guards([] {
    weir::GuardSettings settings;
    settings.identity = true;
    settings.word_lists.push_back(
        {.label = weir::ClassSet{1} << 7U, .words = {"falcon", "blue river", "Проект", "金川", "x", "#tag"}});
    return settings;
  }());
  return guards;
}

weir::ClassSet classes_alone(std::string_view text) {
  weir::ClassSet classes = 0;
  for (const weir::Finding& finding : all_guards().inspect(text)) {
    classes |= finding.classes;
    if (finding.begin > finding.end || finding.end > text.size()) std::abort();
  }
  return classes;
}

void read_joined(const std::vector<std::string_view>& texts, weir::json::TextKinds kinds) {
  const weir::ClassSet together = all_guards().classify(texts, kinds);
  for (const std::string_view text : texts) {
    // What stands around a name in other texts may also speak against it.
    if ((classes_alone(text) & ~together & ~weir::ClassSet{weir::class_identity}) != 0) std::abort();
  }
  weir::GuardSet::Reading reading(all_guards(), texts, kinds);
  while (!reading.advance(100)) {
  }
  if (reading.classes() != together) std::abort();
  weir::GuardSet::Reading places(all_guards(), texts, kinds);
  places.locate();
  while (!places.advance(1000)) {
  }
  for (const weir::Located& one : places.located()) {
    if (one.text >= texts.size() || (one.classes & ~together) != 0) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (((all_guards().classify({text}) ^ classes_alone(text)) & ~weir::ClassSet{weir::class_identity}) != 0)
    std::abort();

  std::vector<std::string_view> texts;
  for (std::string_view rest = text; !rest.empty();) {
    texts.push_back(rest.substr(0, rest.find('\0')));
    rest.remove_prefix(std::min(texts.back().size() + 1, rest.size()));
  }
  read_joined(texts, {});

  weir::json::Document document;
  if (text.empty() || text.front() != '{' || !document.parse(std::string(text))) return 0;
  document.survey();
  read_joined(document.texts(), document.text_kinds());
  for (std::size_t i = 0; i < document.texts().size() && i < 8; ++i) {
    (void)weir::json::path_of_text(document, i);
  }
  return 0;
}
