// PlaceholderSessions: the numbers that values of a caller have had, so that the same value keeps its placeholder from
// one request to the next, as long as the route says (`redact_session`). Holds no values: each is known by an HMAC of
// it, under a key that this process made and nobody else has. Bounded; in memory alone; any thread. What `weir forget`
// erased goes from here too (`forget`).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "redaction/replacements.h"

namespace weir {

class PlaceholderSessions {
 public:
  PlaceholderSessions();

  // A caller ("" = without keys) on a route.
  struct Owner {
    std::string_view key_id;
    std::string_view route;
  };
  // The numbers of `owner`. What nobody asked for within `keep_ms` is forgotten.
  [[nodiscard]] static std::shared_ptr<redaction::Numbering> of(const std::shared_ptr<PlaceholderSessions>& sessions,
                                                                const Owner& owner, int64_t keep_ms, int64_t now_ms);
  // All of those keys; how many sessions.
  std::size_t forget(const std::function<bool(std::string_view key_id)>& theirs);
  [[nodiscard]] std::size_t size() const;

 private:
  static constexpr std::size_t most_sessions = 10'000;
  static constexpr std::size_t most_values = 10'000;  // of one session: then it begins anew

  struct Session {
    std::string key_id;
    int64_t until_ms = 0;
    std::unordered_map<std::string, uint64_t> numbers;  // by HMAC of kind and value
    std::unordered_map<std::string, uint64_t> last;     // by kind
  };
  class Owned;

  [[nodiscard]] std::string hash(std::string_view owner, std::string_view kind, std::string_view value) const;
  [[nodiscard]] uint64_t number_of(const Owner& owner, std::string_view kind, std::string_view value, int64_t keep_ms,
                                   int64_t now_ms);
  void make_room(int64_t now_ms);

  std::array<unsigned char, 32> key_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Session> sessions_;  // by HMAC of the owner
};

}  // namespace weir
