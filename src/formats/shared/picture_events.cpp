#include "formats/shared/picture_events.h"

#include <fmt/format.h>

#include <utility>

namespace weir {
namespace {

constexpr std::string_view mark = "picture";
constexpr std::string_view addressed = "url";

StreamEvent event_of(PictureStep step, int64_t index, std::string text) {
  StreamEvent event{.kind = StreamEvent::Kind::other, .index = index, .text = std::move(text)};
  event.tool_index = static_cast<int64_t>(step);
  event.tool.name = mark;
  return event;
}

}  // namespace

StreamEvent progress_event(double part) { return event_of(PictureStep::progress, 0, fmt::format("{:.3f}", part)); }

StreamEvent preview_event(int64_t index, std::string base64) {
  return event_of(PictureStep::preview, index, std::move(base64));
}

StreamEvent picture_event(int64_t index, const Picture& picture) {
  auto event = event_of(PictureStep::done, index, picture.data.empty() ? picture.url : picture.data);
  if (picture.data.empty()) event.tool.id = addressed;
  return event;
}

std::optional<PictureStep> picture_step(const StreamEvent& event) {
  if (event.kind != StreamEvent::Kind::other || event.tool.name != mark) return std::nullopt;
  return static_cast<PictureStep>(event.tool_index);
}

bool is_address(const StreamEvent& event) { return event.tool.id == addressed; }

}  // namespace weir
