#include "pipeline/stream_ending.h"

#include <algorithm>

namespace weir {

void StreamEnding::content(const StreamEvent& event) {
  const auto known =
      std::find_if(begun_.begin(), begun_.end(), [&](const Begun& begun) { return begun.choice == event.index; });
  const bool call = event.kind == StreamEvent::Kind::tool_call;
  if (known == begun_.end()) {
    begun_.push_back({.choice = event.index, .calls = call});
  } else {
    known->calls = known->calls || call;
  }
  if (finishes_.empty()) return;
  const auto dropped =
      std::erase_if(finishes_, [&](const Finish& finish) { return finish.event.index == event.index; });
  doubtful_ = doubtful_ || dropped != 0;
}

void StreamEnding::finish(const StreamEvent& event, std::string bytes) {
  const bool again = std::any_of(finishes_.begin(), finishes_.end(), [&](const Finish& finish) {
    return finish.event.index == event.index && finish.event.finish == event.finish && !finish.bytes.empty();
  });
  if (again) return;
  std::erase_if(finishes_, [&](const Finish& finish) { return finish.event.index == event.index; });
  finishes_.push_back({.event = event, .bytes = std::move(bytes)});
}

bool StreamEnding::only_stopped() const {
  return std::all_of(finishes_.begin(), finishes_.end(),
                     [](const Finish& finish) { return finish.event.finish == FinishReason::stop; });
}

void StreamEnding::write(EventWriter& writer, const Request& request, std::string& out) {
  for (const auto& begun : begun_) {
    const bool said = std::any_of(finishes_.begin(), finishes_.end(),
                                  [&](const Finish& finish) { return finish.event.index == begun.choice; });
    if (said) continue;
    finishes_.push_back({.event = {.kind = StreamEvent::Kind::finish,
                                   .index = begun.choice,
                                   .finish = begun.calls ? FinishReason::tool_calls : FinishReason::stop}});
  }
  for (const auto& [event, bytes] : finishes_) {
    if (bytes.empty()) {
      writer.write(event, out);
    } else {
      out += bytes;
    }
  }
  if (request.include_usage) out += usage_;
}

}  // namespace weir
