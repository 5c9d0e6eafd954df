// RequestReader: one walk over a parsed request body in the Responses format into a Request. Lives on the stack of
// read_request(); used by one thread.
//
// What the model said stands here as items in a row: thoughts, messages, calls. Those one behind another become one
// message of role assistant, as every other format has it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/request.h"
#include "formats/responses/declared_tools.h"
#include "formats/shared/place.h"

namespace weir::responses {

using json::Element;

class RequestReader : public FieldReader {
 public:
  explicit RequestReader(Request& request) : request_(request) {}

  bool read_body();

 private:
  // All readers: false when the error is set.
  bool field(std::string_view key, const Element& value, const Place& place, std::string_view raw);
  bool later(std::string_view key, const Element& value, std::string_view raw);
  bool finish();
  bool max_output_tokens(const Element& value, const Place& place);
  bool stream_options(const Element& value, const Place& place);
  bool include(const Element& value, const Place& place);
  bool reasoning(const Element& value, const Place& place);
  bool text(const Element& value, const Place& place, std::string_view raw);
  bool text_format(const Element& value, const Place& place);
  bool instructions(const Element& value, const Place& place);

  bool tools(const Element& value, const Place& place);
  bool tool(const Element& value, const Place& place, std::string_view space);
  bool function(const json::Object& object, const Place& place, std::string_view space);
  bool custom(const json::Object& object, const Place& place, std::string_view space);
  bool loading(const Element& value, std::string_view key, const Place& place);
  bool space(const json::Object& object, const Place& place);
  bool tool_choice(const Element& value, const Place& place);

  bool input(const Element& value, const Place& place);
  bool item(const Element& value, const Place& place);
  bool message(const json::Object& object, const Place& place);
  bool role(const json::Object& object, const Place& place, Role& out);
  bool thought(const json::Object& object, const Place& place);
  bool thought_texts(const json::Object& object, std::string_view key, const Place& place, std::string& out);
  bool call(const json::Object& object, const Place& place);
  bool custom_call(const json::Object& object, const Place& place);
  bool begin_call(const json::Object& object, const Place& place, Part& out, const DeclaredTool*& declared);
  bool result(const json::Object& object, const Place& place);
  bool content(const Element& value, const Place& place, std::vector<Part>& parts);
  bool part(const Element& value, const Place& place, Part& out);
  bool text_part(const json::Object& object, std::string_view key, const Place& place, Part& out);
  bool image(const json::Object& object, const Place& place, Part& out);
  bool file(const json::Object& object, const Place& place, Part& out);
  bool sound(const json::Object& object, const Place& place, Part& out);

  // A member that must be a string; one that may be one, or null, or absent.
  bool needed(const json::Object& object, std::string_view key, const Place& place, std::string_view& out);
  bool allowed(const json::Object& object, std::string_view key, const Place& place, std::string_view& out);

  // The message of the turn in which the model speaks.
  Message& turn();
  // Only this format can carry it.
  void only_here(const Place& place, std::string what);
  void foreign_item(const Element& value, const Place& place, std::string what);
  // A hint that no other format is sent. A field of many items is named once.
  void leave_out(const Place& place);
  void count(std::string_view text) { request_.text_bytes += text.size(); }

  Request& request_;
  DeclaredTools declared_;
  // Read last, whatever the order in the body: tools say what calls mean, and instructions stand before all messages.
  std::optional<Element> tools_;
  std::optional<Element> choice_;
  std::optional<Element> instructions_;
  std::optional<Element> input_;
  std::optional<int64_t> top_logprobs_;
  std::string_view call_seal_;  // of the next call
  bool phase_named_ = false;
};

}  // namespace weir::responses
