#include "pipeline/held_stream.h"

#include <algorithm>

#include "core/json.h"

namespace weir {

using Kind = StreamEvent::Kind;

HeldStream::Extra& HeldStream::extra(int64_t index) {
  for (auto& one : extras_) {
    if (one.index == index) return one;
  }
  so_far.choices.push_back({.index = index});
  return extras_.emplace_back(Extra{.index = index, .calls = {}, .logprobs = {}});
}

void HeldStream::add(const StreamEvent& event) {
  if (event.kind == Kind::usage) so_far.usage = event.usage;
  if (!event.is_content() && event.kind != Kind::finish) return;
  auto& beside = extra(event.index);
  auto& choice = so_far.choices[static_cast<std::size_t>(&beside - extras_.data())];
  bytes += event.text.size() + event.tool.name.size() + event.tool.arguments.size() + event.logprobs.size();
  if (event.logprobs.starts_with('{')) {
    const auto tokens = json::member(event.logprobs, "content");
    if (tokens.starts_with('[') && tokens.size() > 2)
      beside.logprobs.append(beside.logprobs.empty() ? "" : ",").append(tokens.substr(1, tokens.size() - 2));
  }
  switch (event.kind) {
    case Kind::text:
      if (!event.text.empty()) choice.add_text(Part::Kind::text, event.text);
      break;
    case Kind::reasoning:
      if (!event.text.empty()) choice.add_text(Part::Kind::thinking, event.text);
      break;
    case Kind::refusal:
      choice.add_text(Part::Kind::refusal, event.text);
      break;
    case Kind::other:
      choice.has_other = true;
      break;
    case Kind::finish:
      choice.finish = event.finish;
      break;
    case Kind::tool_call: {
      const auto known = std::find_if(beside.calls.begin(), beside.calls.end(),
                                      [&](const auto& call) { return call.first == event.tool_index; });
      if (known == beside.calls.end()) {
        beside.calls.emplace_back(event.tool_index, choice.parts.size());
        choice.add_call(event.tool);
      } else {
        auto& call = choice.parts[known->second].call;
        call.name += event.tool.name;
        call.arguments += event.tool.arguments;
      }
      break;
    }
    default:
      break;
  }
}

bool HeldStream::worth_a_look() {
  if (bytes < next_look_) return false;
  next_look_ = bytes + std::max<std::size_t>(64, bytes / 4);
  return true;
}

Response HeldStream::answer() const {
  auto whole = so_far;
  for (std::size_t i = 0; i < extras_.size(); ++i) {
    if (!extras_[i].logprobs.empty()) whole.choices[i].logprobs = "{\"content\":[" + extras_[i].logprobs + "]}";
  }
  return whole;
}

}  // namespace weir
