// JSON Schemas as Anthropic's format wants them. Pure functions; any thread.
#pragma once

#include <optional>

#include "core/json.h"

namespace weir::anthropic {

// Of a tool's input: always of type `object`, also where another format leaves that out.
void write_input_schema(json::Writer& writer, const std::optional<json::Value>& schema);

// Of an answer: every object in it says that it has no other members than those named, or the API refuses it. Whatever
// fits what is written fits the schema that was asked for.
void write_closed_schema(json::Writer& writer, const json::Value& schema);

}  // namespace weir::anthropic
