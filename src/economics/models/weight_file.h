// What the header of a weight file says, whichever format it has, and why one cannot be read. The readers (gguf.h,
// safetensors.h) are pure: they look at the first bytes of a file, and say how many more they need. Values; safe from
// any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace weir::plan {

enum class HeaderFault : uint8_t {
  incomplete,  // right so far: read `needed` bytes of the file and try again
  invalid      // truncated, corrupt or something else: no more bytes would help
};

struct HeaderError {
  HeaderFault fault = HeaderFault::invalid;
  std::string message;  // what is wrong, with the offset in bytes
  uint64_t offset = 0;  // where
  uint64_t needed = 0;  // of incomplete
};

template <typename T>
using HeaderResult = tl::expected<T, HeaderError>;

[[nodiscard]] inline tl::unexpected<HeaderError> invalid_header(uint64_t offset, std::string what) {
  return tl::unexpected(HeaderError{.fault = HeaderFault::invalid,
                                    .message = std::move(what) + " (at byte " + std::to_string(offset) + ")",
                                    .offset = offset});
}

// Sums over the tensors of one file; those of the parts of a split model add up.
struct TensorTotals {
  int64_t tensors = 0;
  int64_t parameters = 0;         // numbers; packed ones counted as what they unpack to
  int64_t bytes = 0;              // of weights, as they lie in the file and in memory
  int64_t expert_parameters = 0;  // of `parameters`: one of many experts
  int64_t table_bytes = 0;        // of the input embedding table
  bool has_head = false;          // an output matrix of its own
  std::map<std::string, int64_t, std::less<>> bytes_by_type;

  void add(const TensorTotals& part);
};

// Of two sizes read from a file, without overflow; false when the result would not fit.
[[nodiscard]] inline bool multiplies(int64_t a, int64_t b, int64_t& product) {
  return !__builtin_mul_overflow(a, b, &product);
}
[[nodiscard]] inline bool adds(int64_t a, int64_t b, int64_t& sum) { return !__builtin_add_overflow(a, b, &sum); }

}  // namespace weir::plan
