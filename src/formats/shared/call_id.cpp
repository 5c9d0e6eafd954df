#include "formats/shared/call_id.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "core/stable_hash.h"

namespace weir {
namespace {

constexpr std::size_t longest_made = 22;
constexpr std::string_view alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

// FNV-1a, whose low bits alone are poor, through the finalizer of splitmix64.
uint64_t hash_of(std::string_view text, uint64_t seed) {
  uint64_t hash = fnv1a(text, fnv1a_basis ^ seed);
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9ULL;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebULL;
  return hash ^ (hash >> 31);
}

bool is_plain(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

}  // namespace

bool fits(std::string_view id, const CallIdRule& rule) {
  return id.size() >= rule.at_least && id.size() <= rule.at_most && std::all_of(id.begin(), id.end(), [&](char c) {
           return is_plain(c) || rule.besides.find(c) != std::string_view::npos;
         });
}

std::string call_id(std::string_view id, const CallIdRule& rule) {
  if (fits(id, rule)) return std::string(id);
  std::string made;
  const auto size = std::min(rule.at_most, longest_made);
  for (uint64_t seed = 0; made.size() < size; ++seed) {
    auto rest = hash_of(id, seed * 0x9e3779b97f4a7c15ULL);
    // Ten digits of base 62 are what 64 bits give evenly enough.
    for (int digit = 0; digit < 10 && made.size() < size; ++digit, rest /= alphabet.size()) {
      made += alphabet[rest % alphabet.size()];
    }
  }
  return made;
}

std::string CallIds::of_call(const Part& call) {
  ++calls_;
  if (!call.id.empty()) return call_id(call.id, rule_);
  auto id = call_id(fmt::format("call {} of {}", calls_, call.name), rule_);
  open_.push_back({.name = call.name, .id = id});
  return id;
}

std::string CallIds::of_result(const Message& result) {
  if (!result.tool_call_id.empty()) return call_id(result.tool_call_id, rule_);
  const auto found = std::find_if(open_.begin(), open_.end(),
                                  [&](const Open& call) { return result.name.empty() || call.name == result.name; });
  if (found == open_.end()) return call_id(result.name, rule_);
  auto id = std::move(found->id);
  open_.erase(found);
  return id;
}

}  // namespace weir
