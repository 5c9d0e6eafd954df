// Place: where in a body something stands: a chain on the stack, rendered as `messages[2].content` only when there is
// something to complain about. FieldReader: typed reading of a client's fields, with the errors that name the place.
// Used by one thread, on the stack of whoever reads a request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/json.h"

namespace weir {

struct Place {
  const Place* outer = nullptr;
  std::string_view key;  // "" for an index
  std::size_t index = 0;
};

[[nodiscard]] std::string to_string(const Place& place);

class FieldReader {
 public:
  [[nodiscard]] Error take_error() { return std::move(error_); }

 protected:
  // All of these: false when the error is set.
  bool fail(const Place& place, std::string message);
  bool wrong_type(const Place& place, std::string_view expected, const json::Element& given);
  bool missing(const Place& place);

  bool read(const json::Element& value, const Place& place, std::string_view& out);
  bool read(const json::Element& value, const Place& place, bool& out);
  bool read(const json::Element& value, const Place& place, int64_t& out);  // also `3.0`
  bool read(const json::Element& value, const Place& place, double& out);
  bool read(const json::Element& value, const Place& place, json::Object& out);
  bool read(const json::Element& value, const Place& place, json::Array& out);
  template <typename T>
  bool read(const json::Element& value, const Place& place, std::optional<T>& out) {
    T read_value{};
    if (!read(value, place, read_value)) return false;
    out = read_value;
    return true;
  }

  Error error_;
};

}  // namespace weir
