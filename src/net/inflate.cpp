#include "net/inflate.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace weir::net {

struct Inflate::State {
  z_stream stream{};
  std::string_view left;
  bool ready = false;
  bool in_pieces = false;
  bool between = true;  // members: the input may end here, once there was one
  bool any = false;
  bool more = false;  // output that found no room
};

namespace {

constexpr int any_header = MAX_WBITS + 32;  // gzip's or zlib's, as it begins

tl::unexpected<Error> damaged(std::string_view how) {
  return failure(ErrorCode::invalid_request, "The body's content coding is damaged: " + std::string(how) + ".");
}

}  // namespace

Inflate::Inflate(std::string_view packed) : state_(std::make_unique<State>()) {
  state_->left = packed;
  state_->ready = inflateInit2(&state_->stream, any_header) == Z_OK;
}

Inflate::Inflate() : Inflate(std::string_view()) { state_->in_pieces = true; }

Inflate::~Inflate() { inflateEnd(&state_->stream); }

Result<bool> Inflate::advance(std::size_t bytes, std::string& out, std::size_t limit) {
  auto& state = *state_;
  auto& stream = state.stream;
  if (!state.ready) return failure(ErrorCode::internal, "No memory to unpack a body.");
  const auto begun_with = out.size();
  while (out.size() - begun_with < bytes) {
    if (state.in_pieces && hungry()) return false;
    if (state.left.empty() && state.between && state.any) return true;
    if (state.left.empty() && !state.more) return damaged("it ends too early");
    const auto before = out.size();
    // One byte more than the limit, so that a body of exactly that size can end.
    const auto room = std::min(bytes - (before - begun_with), limit + 1 - before);
    out.resize(before + room);
    const auto given =
        static_cast<uInt>(std::min<std::size_t>(state.left.size(), std::numeric_limits<uInt>::max() / 2));
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(state.left.data()));
    stream.avail_in = given;
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    stream.avail_out = static_cast<uInt>(room);
    state.between = false;
    const int result = inflate(&stream, Z_NO_FLUSH);
    out.resize(before + room - stream.avail_out);
    const bool moved = stream.avail_in != given || stream.avail_out != room;
    state.left.remove_prefix(given - stream.avail_in);
    state.more = result != Z_STREAM_END && stream.avail_out == 0;
    if (out.size() > limit) return failure(ErrorCode::body_too_large, "The body is larger than the limit.");
    if (result == Z_STREAM_END) {
      state.between = state.any = true;
      inflateReset(&stream);
      continue;
    }
    // The last output had filled its room to the byte, and none is left.
    if (state.in_pieces && result == Z_BUF_ERROR && !moved && state.left.empty()) return false;
    if (result != Z_OK && !(result == Z_BUF_ERROR && moved)) {
      return damaged(result == Z_BUF_ERROR   ? "it ends too early"
                     : stream.msg != nullptr ? stream.msg
                                             : "no such format");
    }
  }
  return state.left.empty() && state.between && !state.in_pieces;
}

bool Inflate::hungry() const { return state_->left.empty() && !state_->more; }

void Inflate::feed(std::string_view piece) { state_->left = piece; }

bool Inflate::whole() const { return hungry() && state_->between; }

}  // namespace weir::net
