#include "formats/anthropic/call_ids.h"

#include <fmt/format.h>

#include "formats/anthropic/wire.h"
#include "formats/shared/translation.h"

namespace weir::anthropic {

Status CallIds::read(const std::vector<Message>& messages) {
  ids_.resize(messages.size());
  Role before = Role::user;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const auto& message = messages[i];
    if (message.role == Role::assistant && before != Role::assistant) turn_ = {};
    before = message.role;
    for (std::size_t k = 0; k < message.parts.size(); ++k) {
      if (message.parts[k].kind == Part::Kind::tool_call) read_call(i, k, message.parts[k]);
    }
    if (message.role == Role::tool && !read_result(i, message)) {
      return failure(unsupported("This result of a tool belongs to no call: Anthropic's format wants the call's id.",
                                 fmt::format("messages[{}].tool_call_id", i)));
    }
  }
  return {};
}

const std::string& CallIds::of_call(std::size_t message, std::size_t part) const { return ids_[message][part]; }

void CallIds::read_call(std::size_t message, std::size_t part, const Part& call) {
  auto id = call.id.empty() ? fmt::format("call_{}_{}", message, part) : spell(call.id);
  if (used_.contains(id)) id += fmt::format("_{}_{}", message, part);
  used_.insert(id);
  const auto number = turn_.ids.size();
  turn_.by_id[call.id].push_back(number);
  turn_.by_name[call.name].push_back(number);
  turn_.ids.push_back(id);
  turn_.answered.push_back(false);
  auto& ids = ids_[message];
  ids.resize(std::max(ids.size(), part + 1));
  ids[part] = std::move(id);
}

// The first of them that has no result yet.
bool CallIds::take(std::deque<std::size_t>* candidates, std::string& id) {
  while (candidates != nullptr && !candidates->empty()) {
    const auto number = candidates->front();
    candidates->pop_front();
    if (turn_.answered[number]) continue;
    turn_.answered[number] = true;
    id = turn_.ids[number];
    return true;
  }
  return false;
}

bool CallIds::read_result(std::size_t message, const Message& result) {
  const auto find = [](auto& map, std::string_view key) {
    const auto found = map.find(key);
    return found == map.end() ? nullptr : &found->second;
  };
  auto& id = ids_[message].emplace_back();
  if (!result.tool_call_id.empty()) {
    // One that no call has is the provider's to refuse.
    if (!take(find(turn_.by_id, result.tool_call_id), id)) id = spell(result.tool_call_id);
    return true;
  }
  if (!result.name.empty() && take(find(turn_.by_name, result.name), id)) return true;
  while (turn_.first < turn_.ids.size() && turn_.answered[turn_.first]) ++turn_.first;
  if (turn_.first == turn_.ids.size()) return false;
  turn_.answered[turn_.first] = true;
  id = turn_.ids[turn_.first];
  return true;
}

}  // namespace weir::anthropic
