#include "formats/shared/place.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace weir {

std::string to_string(const Place& place) {
  std::string text = place.outer != nullptr ? to_string(*place.outer) : std::string();
  if (place.key.empty()) return text + "[" + std::to_string(place.index) + "]";
  if (!text.empty()) text += '.';
  return text.append(place.key);
}

bool FieldReader::fail(const Place& place, std::string message) {
  error_ = Error{.code = ErrorCode::invalid_request, .message = std::move(message), .param = to_string(place)};
  return false;
}

bool FieldReader::wrong_type(const Place& place, std::string_view expected, const json::Element& given) {
  return fail(place, fmt::format("Invalid type for '{}': expected {}, but got {} instead.", to_string(place), expected,
                                 json::type_name(given)));
}

bool FieldReader::missing(const Place& place) {
  return fail(place, fmt::format("Missing required parameter: '{}'.", to_string(place)));
}

bool FieldReader::read(const json::Element& value, const Place& place, std::string_view& out) {
  return value.get(out) == simdjson::SUCCESS || wrong_type(place, "a string", value);
}

bool FieldReader::read(const json::Element& value, const Place& place, bool& out) {
  return value.get(out) == simdjson::SUCCESS || wrong_type(place, "a boolean", value);
}

bool FieldReader::read(const json::Element& value, const Place& place, int64_t& out) {
  if (value.get(out) == simdjson::SUCCESS) return true;
  // Whole, but written as a real, or wider than ours (a seed): as near as it gets. The provider is sent the original.
  constexpr double limit = 9.2e18;
  double real = 0;
  if (value.get(real) == simdjson::SUCCESS && real == std::floor(real)) {
    out = static_cast<int64_t>(std::clamp(real, -limit, limit));
    return true;
  }
  return wrong_type(place, "an integer", value);
}

bool FieldReader::read(const json::Element& value, const Place& place, double& out) {
  return value.get(out) == simdjson::SUCCESS || wrong_type(place, "a number", value);
}

bool FieldReader::read(const json::Element& value, const Place& place, json::Object& out) {
  return value.get(out) == simdjson::SUCCESS || wrong_type(place, "an object", value);
}

bool FieldReader::read(const json::Element& value, const Place& place, json::Array& out) {
  return value.get(out) == simdjson::SUCCESS || wrong_type(place, "an array", value);
}

}  // namespace weir
