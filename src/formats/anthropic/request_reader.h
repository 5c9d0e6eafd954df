// RequestReader: one walk over a parsed request body in Anthropic's format into a Request. Lives on the stack of
// read_request(); used by one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/request.h"
#include "formats/shared/place.h"

namespace weir::anthropic {

using json::Element;

enum class Key : uint8_t {
  unknown,
  model,
  messages,
  max_tokens,
  system,
  stream,
  temperature,
  top_p,
  top_k,
  stop_sequences,
  tools,
  tool_choice,
  thinking,
  output_config,
  output_format,
  cache_control,
  mcp_servers,
  // What would change the answer, and no other format has.
  container,
  inference_geo,
  thread,
};

class RequestReader : public FieldReader {
 public:
  explicit RequestReader(Request& request) : request_(request) {}

  bool read_body();

 private:
  // All readers: false when the error is set.
  bool field(Key key, const Element& value, const Place& place, std::string_view raw);
  bool setting(Key key, const Element& value, const Place& place, std::string_view raw);
  bool stops(const Element& value, const Place& place);
  bool thread(const Element& value, const Place& place);
  bool thinking(const Element& value, const Place& place);
  bool output_config(const Element& value, const Place& place);
  bool output_format(const Element& value, const Place& place);
  bool tools(const Element& value, const Place& place);
  bool tool(const json::Object& object, const Place& place);
  bool tool_choice(const Element& value, const Place& place);
  bool finish();

  // read_messages.cpp
  bool system(const Element& value, const Place& place);
  bool messages(const Element& value, const Place& place);
  bool message(const json::Object& object, const Place& place);
  bool content(const Element& value, const Place& place, Role role);
  bool block(const json::Object& object, const Element& value, const Place& place, Role role);
  bool text_block(const json::Object& object, const Place& place);
  bool thinking_block(const json::Object& object, const Place& place);
  bool redacted_block(const json::Object& object, const Place& place);
  bool call_block(const json::Object& object, const Place& place);
  bool result_block(const json::Object& object, const Place& place);
  bool result_content(const Element& value, const Place& place);
  bool image_block(const json::Object& object, const Place& place);
  bool document_block(const json::Object& object, const Place& place);
  bool document_text(const json::Object& source, const Place& place, std::string_view title);
  bool media_source(const json::Object& source, const Place& place, std::string_view type, Media& media);

  // A member that must be there.
  template <typename T>
  bool need(const json::Object& object, std::string_view key, const Place& place, T& out) {
    const Place here{.outer = &place, .key = key};
    Element value;
    if (object.at_key(key).get(value) != simdjson::SUCCESS || value.is_null()) return missing(here);
    return read(value, here, out);
  }
  // ... that may be absent or null; `out` then stays as it is.
  template <typename T>
  bool may(const json::Object& object, std::string_view key, const Place& place, T& out) {
    Element value;
    if (object.at_key(key).get(value) != simdjson::SUCCESS || value.is_null()) return true;
    return read(value, Place{.outer = &place, .key = key}, out);
  }
  // An object that must be there, as a value.
  bool need_schema(const json::Object& object, std::string_view key, const Place& place,
                   std::optional<json::Value>& out);

  Message& turn(Role role);
  Part& add(Part::Kind kind, const json::Object& object);
  void add_text(std::string_view text);
  void only_here(const Place& place, std::string what);
  void only_here(const Element& value, const Place& place, std::string_view type);
  void leave_out(std::string_view what, std::string_view group = {});
  void count(std::string_view text) { request_.text_bytes += text.size(); }

  Request& request_;
  std::vector<Message> front_;  // the system text, which stands first wherever the body has it
  std::string_view call_seal_;  // of the call that follows
  Message* message_ = nullptr;  // to which blocks are added
  bool has_messages_ = false;
  bool cache_last_ = false;  // the last block of the request is to be cached
};

}  // namespace weir::anthropic
