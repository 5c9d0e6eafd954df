// RequestReader: one walk over a parsed request body in OpenAI's format into a Request. Lives on the stack of
// read_request(); used by one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/request.h"
#include "formats/shared/place.h"

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
  top_k,
  only_openai,
  hint,
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

class RequestReader : public FieldReader {
 public:
  explicit RequestReader(Request& request) : request_(request) {}

  bool read_body();

 private:
  // All readers: false when the error is set.
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
  bool tool_choice(const Element& value, const Place& place);
  bool content(const Element& value, const Place& place, std::vector<Part>& parts);
  bool part(const Element& value, const Place& place, Part& out);
  bool image(const Element& value, const Place& place, Part& out);
  bool file(const Element& value, const Place& place, Part& out);
  bool sound(const Element& value, const Place& place, Part& out);
  bool text_member(const json::Object& object, std::string_view key, const Place& place, std::string_view& out);
  bool tool_calls(const Element& value, const Place& place, std::vector<Part>& parts);
  void only_here(const Place& place, std::string what);
  bool finish();

  void count(std::string_view text) { request_.text_bytes += text.size(); }

  Request& request_;
  std::optional<int64_t> max_tokens_;
  std::optional<int64_t> max_completion_tokens_;
};

}  // namespace weir::openai_dialect
