// Writes Amazon's binary event stream, for tests and fuzzing: the other direction of core/amazon_message.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/crc32.h"

namespace weir::testing {

inline std::string big_endian(std::size_t number, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(number >> (8 * i) & 0xff);
  return out;
}

inline std::string amazon_header(std::string_view name, std::string_view value) {
  return big_endian(name.size(), 1) + std::string(name) + '\7' + big_endian(value.size(), 2) + std::string(value);
}

// `headers`: their bytes.
inline std::string amazon_frame(std::string_view headers, std::string_view payload) {
  std::string out = big_endian(16 + headers.size() + payload.size(), 4) + big_endian(headers.size(), 4);
  out += big_endian(crc32(out), 4);
  out.append(headers).append(payload);
  return out + big_endian(crc32(out), 4);
}

inline std::string amazon_event(std::string_view type, std::string_view payload) {
  return amazon_frame(amazon_header(":event-type", type) + amazon_header(":content-type", "application/json") +
                          amazon_header(":message-type", "event"),
                      payload);
}

inline std::string amazon_exception(std::string_view type, std::string_view payload) {
  return amazon_frame(amazon_header(":exception-type", type) + amazon_header(":content-type", "application/json") +
                          amazon_header(":message-type", "exception"),
                      payload);
}

inline std::string amazon_error(std::string_view code, std::string_view message) {
  return amazon_frame(amazon_header(":message-type", "error") + amazon_header(":error-code", code) +
                          amazon_header(":error-message", message),
                      "");
}

}  // namespace weir::testing
