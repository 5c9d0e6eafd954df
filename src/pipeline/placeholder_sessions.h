// PlaceholderSessions: the numbers that values of a caller have had, so that the same value keeps its placeholder from
// one request to the next, as long as the route says (`redact_session`). Holds no values: each is known by an HMAC of
// it, under a key that this process made and nobody else has. Bounded; in memory alone; any thread.
#pragma once

#include <array>
#include <cstdint>
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

  // The numbers of `owner` (a caller on a route). What nobody asked for within `keep_ms` is forgotten.
  [[nodiscard]] static std::shared_ptr<redaction::Numbering> of(const std::shared_ptr<PlaceholderSessions>& sessions,
                                                                std::string_view owner, int64_t keep_ms,
                                                                int64_t now_ms);
  [[nodiscard]] std::size_t size() const;

 private:
  static constexpr std::size_t most_sessions = 10'000;
  static constexpr std::size_t most_values = 10'000;  // of one session: then it begins anew

  struct Session {
    int64_t until_ms = 0;
    std::unordered_map<std::string, uint64_t> numbers;  // by HMAC of kind and value
    std::unordered_map<std::string, uint64_t> last;     // by kind
  };
  class Owned;

  [[nodiscard]] std::string hash(std::string_view owner, std::string_view kind, std::string_view value) const;
  [[nodiscard]] uint64_t number_of(std::string_view owner, std::string_view kind, std::string_view value,
                                   int64_t keep_ms, int64_t now_ms);
  void make_room(int64_t now_ms);

  std::array<unsigned char, 32> key_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Session> sessions_;  // by HMAC of the owner
};

}  // namespace weir
