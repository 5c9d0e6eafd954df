#include "core/amazon_message.h"

#include <fmt/format.h>

#include "core/crc32.h"

namespace weir {
namespace {

constexpr std::size_t sum_bytes = 4;

tl::unexpected<Error> malformed(std::string_view what) {
  return failure(ErrorCode::upstream_malformed, fmt::format("A message of the event stream is malformed: {}.", what));
}

// Precondition: they are there.
std::size_t number_at(std::string_view bytes, std::size_t at, std::size_t count) {
  std::size_t number = 0;
  for (const char c : bytes.substr(at, count)) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

// A header's value after its type; npos for a type that does not exist. Strings and byte arrays say their own length.
constexpr std::size_t npos = std::string_view::npos;
constexpr std::size_t says_its_length = npos - 1;
constexpr unsigned char string_type = 7;
std::size_t value_bytes(unsigned char type) {
  switch (type) {
    case 0:  // true
    case 1:  // false
      return 0;
    case 2:
      return 1;
    case 3:
      return 2;
    case 4:
      return 4;
    case 5:
    case 8:  // a time
      return 8;
    case 6:
    case string_type:
      return says_its_length;
    case 9:  // a UUID
      return 16;
    default:
      return npos;
  }
}

// Takes pieces from the front; false where there are too few bytes.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }
  bool take(std::size_t count, std::string_view& out) {
    if (rest_.size() < count) return false;
    out = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return true;
  }
  bool take_number(std::size_t count, std::size_t& out) {
    std::string_view bytes;
    if (!take(count, bytes)) return false;
    out = number_at(bytes, 0, count);
    return true;
  }

 private:
  std::string_view rest_;
};

struct Said {
  std::string_view message_type;
  std::string_view event_type;
  std::string_view exception_type;
  std::string_view error_code;
  std::string_view error_message;

  void take(std::string_view name, std::string_view value) {
    if (name == ":message-type") message_type = value;
    if (name == ":event-type") event_type = value;
    if (name == ":exception-type") exception_type = value;
    if (name == ":error-code") error_code = value;
    if (name == ":error-message") error_message = value;
  }
};

bool read_headers(Bytes bytes, Said& said) {
  while (!bytes.empty()) {
    std::size_t size = 0;
    std::size_t type = 0;
    std::string_view name;
    std::string_view value;
    if (!bytes.take_number(1, size) || size == 0 || !bytes.take(size, name) || !bytes.take_number(1, type))
      return false;
    size = value_bytes(static_cast<unsigned char>(type));
    if (size == says_its_length && !bytes.take_number(2, size)) return false;
    if (size == npos || !bytes.take(size, value)) return false;
    if (type == string_type) said.take(name, value);
  }
  return true;
}

}  // namespace

Result<std::size_t> amazon_message_bytes(std::string_view prelude) {
  if (number_at(prelude, 8, sum_bytes) != crc32(prelude.substr(0, 8))) {
    return malformed("the checksum of its prelude is wrong");
  }
  const auto total = number_at(prelude, 0, 4);
  const auto headers = number_at(prelude, 4, 4);
  if (total < amazon_prelude_bytes + headers + sum_bytes) return malformed("its headers are longer than itself");
  if (headers > amazon_header_limit) return malformed(fmt::format("its headers have {} bytes", headers));
  const auto payload = total - amazon_prelude_bytes - headers - sum_bytes;
  if (payload > amazon_payload_limit) return malformed(fmt::format("its payload has {} bytes", payload));
  return total;
}

Result<AmazonMessage> read_amazon_message(std::string_view message) {
  const auto summed = message.substr(0, message.size() - sum_bytes);
  if (number_at(message, summed.size(), sum_bytes) != crc32(summed)) return malformed("its checksum is wrong");
  const auto headers = number_at(message, 4, 4);
  Said said;
  if (!read_headers(Bytes(summed.substr(amazon_prelude_bytes, headers)), said)) {
    return malformed("its headers cannot be read");
  }
  AmazonMessage read{.type = AmazonMessage::Type::event,
                     .name = said.event_type,
                     .payload = summed.substr(amazon_prelude_bytes + headers)};
  if (said.message_type == "exception") {
    read.type = AmazonMessage::Type::exception;
    read.name = said.exception_type;
  } else if (said.message_type == "error") {
    read.type = AmazonMessage::Type::error;
    read.name = said.error_code;
    read.payload = said.error_message;
  } else if (said.message_type != "event") {
    return malformed("it says neither that it is an event nor that it is an error");
  }
  return read;
}

}  // namespace weir
