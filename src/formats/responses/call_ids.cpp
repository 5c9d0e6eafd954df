#include "formats/responses/call_ids.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/stable_hash.h"

namespace weir::responses {
namespace {

constexpr std::size_t longest = 64;

// The same id for the same text, whenever it is sent again (prompt caches).
std::string shortened(std::string_view id) { return fmt::format("call_{:016x}", fnv1a(id)); }

std::string allowed(std::string_view id) { return id.size() <= longest ? std::string(id) : shortened(id); }

}  // namespace

std::string CallIds::make_id() {
  while (true) {
    auto id = fmt::format("call_{}", made_++);
    const bool used = std::any_of(request_.messages.begin(), request_.messages.end(), [&](const Message& message) {
      return message.tool_call_id == id ||
             std::any_of(message.parts.begin(), message.parts.end(), [&](const Part& part) { return part.id == id; });
    });
    if (!used) return id;
  }
}

std::string CallIds::next_call(const Part& call) {
  if (!call.id.empty()) return allowed(call.id);
  waiting_.push_back({.name = call.name, .id = make_id()});
  return waiting_.back().id;
}

std::string CallIds::of_result(const Message& result) {
  if (!result.tool_call_id.empty()) return allowed(result.tool_call_id);
  auto found = std::find_if(waiting_.begin(), waiting_.end(),
                            [&](const Waiting& one) { return result.name.empty() || one.name == result.name; });
  if (found == waiting_.end()) found = waiting_.begin();
  if (found == waiting_.end()) return make_id();
  auto id = std::move(found->id);
  waiting_.erase(found);
  return id;
}

}  // namespace weir::responses
