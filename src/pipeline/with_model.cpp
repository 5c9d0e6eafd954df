#include "pipeline/with_model.h"

#include "core/json.h"

namespace weir {

std::string with_model(std::string body, std::string_view model) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto open = body.find_first_not_of(blanks);
  if (open == std::string::npos || body[open] != '{') return body;
  std::string value;
  json::append_string(value, model);
  for (const auto& field : json::top_level_fields(body)) {
    if (field.key != "model") continue;
    const bool whole = field.value_begin > field.key_begin && field.value_end > field.value_begin;
    if (!whole) return body;
    return json::apply(body, {{.begin = field.value_begin, .end = field.value_end, .with = std::move(value)}});
  }
  const auto next = body.find_first_not_of(blanks, open + 1);
  const bool empty = next != std::string::npos && body[next] == '}';
  auto member = fmt::format("\"model\":{}{}", value, empty ? "" : ",");
  return json::apply(body, {{.begin = open + 1, .end = open + 1, .with = std::move(member)}});
}

}  // namespace weir
