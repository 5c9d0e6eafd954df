#include "pipeline/turn_memory.h"

#include <functional>

#include "core/stable_hash.h"

namespace weir {
namespace {

uint64_t mixed(uint64_t mark, std::string_view text) {
  const uint64_t hash = std::hash<std::string_view>{}(text);
  mark = (mark ^ hash) * 1099511628211ULL;
  return mark ^ mark >> 29U;
}

uint64_t mixed(uint64_t mark, const Message& message) {
  mark = (mark ^ (static_cast<uint64_t>(message.role) + 1)) * 1099511628211ULL;
  for (const auto& part : message.parts) {
    if (part.kind == Part::Kind::thinking) continue;  // not every client sends thoughts back
    mark = mixed(mixed(mark, part.name), part.text);
    if (part.kind == Part::Kind::media) mark = mixed(mixed(mark, part.media.url), part.media.data);
  }
  return mark;
}

uint64_t mark_of(const Request& request, std::string_view caller, std::size_t messages) {
  auto mark = mixed(mixed(fnv1a_basis, caller), request.model);
  for (std::size_t i = 0; i < messages; ++i) mark = mixed(mark, request.messages[i]);
  return mark;
}

uint64_t mark_of_id(std::string_view caller, std::string_view id) {
  return mixed(mixed(mixed(fnv1a_basis, "call"), caller), id);
}

}  // namespace

void TurnMemory::remember(const std::vector<uint64_t>& marks, std::string_view model, std::string_view caller) {
  const std::lock_guard lock(mutex_);
  for (const auto mark : marks) {
    if (const auto known = places_.find(mark); known != places_.end()) {
      known->second->model = model;
      entries_.splice(entries_.begin(), entries_, known->second);
      continue;
    }
    entries_.push_front({.mark = mark, .model = std::string(model), .caller = std::string(caller)});
    places_.emplace(mark, entries_.begin());
  }
  while (entries_.size() > most) {
    places_.erase(entries_.back().mark);
    entries_.pop_back();
  }
}

std::string TurnMemory::find(const std::vector<uint64_t>& marks) {
  const std::lock_guard lock(mutex_);
  for (const auto mark : marks) {
    const auto known = places_.find(mark);
    if (known == places_.end()) continue;
    entries_.splice(entries_.begin(), entries_, known->second);
    return known->second->model;
  }
  return {};
}

std::size_t TurnMemory::forget(const std::function<bool(std::string_view caller)>& theirs) {
  const std::lock_guard lock(mutex_);
  return std::erase_if(entries_, [&](const Entry& one) {
    if (!theirs(one.caller)) return false;
    places_.erase(one.mark);
    return true;
  });
}

std::vector<uint64_t> marks_of_calls(const Request& request, std::string_view caller,
                                     const std::vector<std::string>& call_ids) {
  std::vector<uint64_t> marks;
  for (const auto& id : call_ids) {
    if (!id.empty()) marks.push_back(mark_of_id(caller, id));
  }
  marks.push_back(mark_of(request, caller, request.messages.size()));
  return marks;
}

std::vector<uint64_t> marks_of_results(const Request& request, std::string_view caller) {
  const auto& messages = request.messages;
  if (messages.empty() || messages.back().role != Role::tool) return {};
  std::vector<uint64_t> marks;
  auto at = messages.size();
  while (at > 0 && messages[at - 1].role == Role::tool) {
    --at;
    if (!messages[at].tool_call_id.empty()) marks.push_back(mark_of_id(caller, messages[at].tool_call_id));
  }
  // What one answer said before its calls may stand as a message of its own.
  while (at > 0 && messages[at - 1].role == Role::assistant) --at;
  marks.push_back(mark_of(request, caller, at));
  return marks;
}

std::optional<uint64_t> conversation_mark(const Request& request, std::string_view caller) {
  if (request.operation != Operation::chat || request.messages.empty()) return std::nullopt;
  std::size_t until = 0;
  while (until < request.messages.size() && request.messages[until].role != Role::user) ++until;
  return mark_of(request, caller, std::min(until + 1, request.messages.size()));
}

}  // namespace weir
