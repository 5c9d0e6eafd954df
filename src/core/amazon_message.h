// Messages of Amazon's binary event stream, application/vnd.amazon.eventstream: one message's bytes → what it says. The
// bytes: total length and headers' length (4 bytes each, big endian), CRC-32 of these 8, headers, payload, CRC-32 of
// all before it. A header: its name's length (1 byte), name, type (1 byte), value. Source: the smithy specification of
// vnd.amazon.eventstream, botocore/eventstream.py. EventFramer cuts streams with it. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/result.h"

namespace weir {

struct AmazonMessage {
  enum class Type : uint8_t { event, exception, error };
  Type type = Type::event;
  std::string_view name;     // `:event-type`, `:exception-type` or `:error-code`
  std::string_view payload;  // of an error: `:error-message`, which stands in a header
};

inline constexpr std::size_t amazon_prelude_bytes = 12;
inline constexpr std::size_t amazon_header_limit = 128 * 1024;
inline constexpr std::size_t amazon_payload_limit = 24 * 1024 * 1024;

// How long the message is that begins with `prelude` (the first 12 bytes of it, or more). upstream_malformed when these
// are not what they should be; then the stream is beyond repair.
[[nodiscard]] Result<std::size_t> amazon_message_bytes(std::string_view prelude);

// `message`: all of it, as amazon_message_bytes() said. The views point into it.
[[nodiscard]] Result<AmazonMessage> read_amazon_message(std::string_view message);

}  // namespace weir
