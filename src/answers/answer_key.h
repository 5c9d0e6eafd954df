// AnswerKey: what makes two requests the same question, as SHA-256: who asks, of which classes the request is, by which
// route, and all of it that may change the answer, in whatever dialect it is said. Whether it wants a stream, and what
// only labels it (`user`, `metadata`), changes nothing. Ids of tool calls count by their order: they are new each time.
//
// What the canonical form does not hold (a field that only one server knows, also deep inside a message) counts as it
// was written, together with its format: such requests have the same key only where they are written alike.
//
// A pure function; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/request.h"

namespace weir {

using AnswerKey = std::array<unsigned char, 32>;

struct AskedBy {
  std::string_view key_id;  // "" = without keys
  std::string_view route;
  std::string_view classes;  // their names, in order
};

// nullopt: answers to such a request are not kept (pictures, sound, files, forms).
[[nodiscard]] std::optional<AnswerKey> answer_key(const Request& request, const AskedBy& by);
// As bytes, for maps and files.
[[nodiscard]] inline std::string_view bytes_of(const AnswerKey& key) {
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}
// May be answered otherwise each time it is asked: its temperature is above 0, or not said, and it has no seed.
[[nodiscard]] bool is_sampled(const Request& request);

}  // namespace weir
