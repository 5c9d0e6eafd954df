// Inflate: bodies with a content coding of zlib's: `gzip` (RFC 1952, also several members) and `deflate` (RFC 1950). A
// piece at a time, so that a small body that unpacks to a large one does not hold up a loop, and never beyond a limit.
// A body may also come in pieces, as a stream does. One thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

namespace weir::net {

class Inflate {
 public:
  // `packed` is all of it, and outlives this.
  explicit Inflate(std::string_view packed);
  // For a body that comes in pieces.
  Inflate();
  ~Inflate();
  Inflate(const Inflate&) = delete;
  Inflate& operator=(const Inflate&) = delete;

  // Appends about `bytes` to `out`; true at the end of all. Errors: body_too_large beyond `limit` bytes in `out`;
  // invalid_request for what is cut off, damaged or of another coding.
  // Of a body in pieces it is never true.
  Result<bool> advance(std::size_t bytes, std::string& out, std::size_t limit);

  // All that was given is unpacked.
  [[nodiscard]] bool hungry() const;
  // The next piece, once it is hungry; lives until it is so again.
  void feed(std::string_view piece);
  // What was given is whole: it ends where a member does. Nothing at all is whole too.
  [[nodiscard]] bool whole() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir::net
