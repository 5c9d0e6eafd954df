#include "formats/shared/halves.h"

#include <iterator>

namespace weir {
namespace {

using Kind = StreamEvent::Kind;

HalfJoiner& joiner_of(std::vector<OpenHalf>& open, const StreamEvent& event) {
  for (auto& half : open) {
    if (half.kind == event.kind && half.choice == event.index && half.tool_index == event.tool_index)
      return half.joiner;
  }
  return open.emplace_back(OpenHalf{event.kind, event.index, event.tool_index, {}}).joiner;
}

}  // namespace

void end_halves(std::vector<OpenHalf>& open, int64_t choice, std::vector<StreamEvent>& out) {
  for (auto& half : open) {
    if (choice >= 0 && half.choice != choice) continue;
    auto text = half.joiner.end();
    if (text.empty()) continue;
    StreamEvent event{.kind = half.kind, .index = half.choice, .tool_index = half.tool_index};
    (half.kind == Kind::tool_call ? event.tool.arguments : event.text) = std::move(text);
    out.push_back(std::move(event));
  }
  std::erase_if(open, [](const OpenHalf& half) { return !half.joiner.open(); });
}

void join_halves(std::vector<OpenHalf>& open, std::vector<StreamEvent>& out, std::size_t from) {
  std::vector<StreamEvent> read(std::make_move_iterator(out.begin() + static_cast<std::ptrdiff_t>(from)),
                                std::make_move_iterator(out.end()));
  out.resize(from);
  for (auto& event : read) {
    if (event.kind == Kind::finish || event.kind == Kind::error) end_halves(open, event.index, out);
    if (event.kind == Kind::done) end_halves(open, -1, out);
    const bool call = event.kind == Kind::tool_call;
    if (call || event.kind == Kind::text || event.kind == Kind::reasoning || event.kind == Kind::refusal) {
      auto& text = call ? event.tool.arguments : event.text;
      text = joiner_of(open, event).add(text);
      if (!event.logprobs.empty()) event.logprobs = without_half_marks(event.logprobs);
      event.tool.name = without_half_marks(event.tool.name);
      if (text.empty() && event.logprobs.empty() && event.tool.name.empty() && event.tool.id.empty()) continue;
    }
    out.push_back(std::move(event));
  }
  std::erase_if(open, [](const OpenHalf& half) { return !half.joiner.open(); });
  if (out.size() == from) out.emplace_back();
}

}  // namespace weir
