// Decoder: one walk over a parsed request body of the OpenAI dialect into a Request. Lives on the stack of
// decode_request(); used by one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/request.h"

namespace weir::openai_dialect {

using json::Element;

enum class Key : uint8_t {
  unknown,
  model,
  messages,
  stream,
  stream_options,
  tools,
  functions,
  tool_choice,
  parallel_tool_calls,
  response_format,
  temperature,
  top_p,
  presence_penalty,
  frequency_penalty,
  max_tokens,
  max_completion_tokens,
  seed,
  logprobs,
  top_logprobs,
  reasoning_effort,
  stop,
  n,
  best_of,
  prompt,
  suffix,
  input,
  encoding_format,
  dimensions,
};

// Where in the body something stands: a chain on the stack, rendered as `messages[2].content`.
struct Place {
  const Place* outer = nullptr;
  std::string_view key;  // "" for an index
  std::size_t index = 0;
};

[[nodiscard]] std::string to_string(const Place& place);

class Decoder {
 public:
  explicit Decoder(Request& request) : request_(request) {}

  bool decode();
  Error take_error() { return std::move(error_); }

 private:
  // All readers: false when the error is set.
  bool fail(const Place& place, std::string message);
  bool wrong_type(const Place& place, std::string_view expected, const Element& given);
  bool missing(const Place& place);

  bool read(const Element& value, const Place& place, std::string_view& out);
  bool read(const Element& value, const Place& place, bool& out);
  bool read(const Element& value, const Place& place, int64_t& out);
  bool read(const Element& value, const Place& place, double& out);
  template <typename T>
  bool read(const Element& value, const Place& place, std::optional<T>& out);
  bool read(const Element& value, const Place& place, json::Object& out);
  bool read(const Element& value, const Place& place, json::Array& out);

  bool field(Key key, const Element& value, const Place& place, std::string_view raw);
  bool chat_field(Key key, const Element& value, const Place& place, std::string_view raw);
  bool stream_options(const Element& value, const Place& place);
  bool stop(const Element& value, const Place& place);
  bool response_format(const Element& value, const Place& place);
  bool inputs(const Element& value, const Place& place);
  bool tools(const Element& value, const Place& place);
  bool tool(const Element& value, const Place& place);
  bool function(const json::Object& function, const Place& place);
  bool messages(const Element& value, const Place& place);
  bool message(const json::Object& object, const Place& place);
  bool role(const Element& value, const Place& place, Role& out);
  bool content(const Element& value, const Place& place, std::vector<Part>& parts);
  bool part(const Element& value, const Place& place, Part& out);
  bool tool_calls(const Element& value, const Place& place, std::vector<ToolCall>& calls);
  bool finish();

  void count(std::string_view text) { request_.text_bytes += text.size(); }

  Request& request_;
  Error error_;
  std::optional<int64_t> max_tokens_;
  std::optional<int64_t> max_completion_tokens_;
};

template <typename T>
bool Decoder::read(const Element& value, const Place& place, std::optional<T>& out) {
  T read_value{};
  if (!read(value, place, read_value)) return false;
  out = read_value;
  return true;
}

}  // namespace weir::openai_dialect
