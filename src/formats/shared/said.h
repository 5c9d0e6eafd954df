// What a model says, read from the place where a format has it, in whatever form a server puts it there: texts, lists
// of parts, one part alone, a structured answer as JSON. One reading for all formats, so that nowhere a text is dropped
// because it came otherwise than its format says. Pure functions; safe from any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/json.h"

namespace weir {

// A text as it is; of a list all its parts in a row; of a part its `text`, `content` or `value`; what is no part (a
// number, an answer as an object) as the JSON it is. "" for null and for parts of another kind (pictures).
[[nodiscard]] std::string said_text(const json::Element& value);
// The same of a member; "" when there is none.
[[nodiscard]] std::string said_text(const json::Object& object, std::string_view key);

// Arguments of a tool call as JSON text: a text as it is, an object written out, "{}" for null, nothing and blanks.
[[nodiscard]] std::string said_arguments(const json::Element& value);
[[nodiscard]] std::string said_arguments(const json::Object& object, std::string_view key);

// Each entry of a list; what is no list, as its only one.
template <typename Action>
void each_of(const json::Element& value, Action action) {
  json::Array list;
  if (value.get(list) != simdjson::SUCCESS) return action(value);
  for (const auto entry : list) action(entry);
}

}  // namespace weir
