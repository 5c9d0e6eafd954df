// RequestReader: one walk over a parsed request body in Cohere's format into a Request. Lives on the stack of
// read_request(); used by one thread.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "formats/shared/body_reader.h"

namespace weir::cohere_client {

using json::Element;

class RequestReader : public BodyReader {
 public:
  explicit RequestReader(Request& request) : BodyReader(request) {}

  bool read_chat();
  bool read_embedding();
  bool read_rerank();

 private:
  using Known = KnownField<RequestReader>;
  static std::span<const Known> chat_fields();
  static std::span<const Known> embedding_fields();
  static std::span<const Known> rerank_fields();

  // Fields of several. All readers: false when the error is set.
  bool model(const Element& value, const Place& place, std::string_view raw);
  bool hint(const Element& value, const Place& place, std::string_view raw);
  bool only_cohere(const Element& value, const Place& place, std::string_view raw);
  // Of a chat.
  bool stream(const Element& value, const Place& place, std::string_view raw);
  bool messages(const Element& value, const Place& place, std::string_view raw);
  bool tools(const Element& value, const Place& place, std::string_view raw);
  bool strict_tools(const Element& value, const Place& place, std::string_view raw);
  bool tool_choice(const Element& value, const Place& place, std::string_view raw);
  bool citation_options(const Element& value, const Place& place, std::string_view raw);
  bool response_format(const Element& value, const Place& place, std::string_view raw);
  bool safety_mode(const Element& value, const Place& place, std::string_view raw);
  bool max_tokens(const Element& value, const Place& place, std::string_view raw);
  bool stop_sequences(const Element& value, const Place& place, std::string_view raw);
  bool temperature(const Element& value, const Place& place, std::string_view raw);
  bool seed(const Element& value, const Place& place, std::string_view raw);
  bool frequency_penalty(const Element& value, const Place& place, std::string_view raw);
  bool presence_penalty(const Element& value, const Place& place, std::string_view raw);
  bool top_k(const Element& value, const Place& place, std::string_view raw);
  bool top_p(const Element& value, const Place& place, std::string_view raw);
  bool logprobs(const Element& value, const Place& place, std::string_view raw);
  bool thinking(const Element& value, const Place& place, std::string_view raw);
  // Of an embedding.
  bool embed_texts(const Element& value, const Place& place, std::string_view raw);
  bool embed_images(const Element& value, const Place& place, std::string_view raw);
  bool embed_inputs(const Element& value, const Place& place, std::string_view raw);
  bool input_type(const Element& value, const Place& place, std::string_view raw);
  bool embedding_types(const Element& value, const Place& place, std::string_view raw);
  bool dimensions(const Element& value, const Place& place, std::string_view raw);
  // Of a rerank.
  bool query(const Element& value, const Place& place, std::string_view raw);
  bool rank_documents(const Element& value, const Place& place, std::string_view raw);
  bool top_n(const Element& value, const Place& place, std::string_view raw);
  bool return_documents(const Element& value, const Place& place, std::string_view raw);
  bool rank_fields(const Element& value, const Place& place, std::string_view raw);

  bool message(const json::Object& object, const Place& place);
  bool role(const Element& value, const Place& place, Role& out);
  bool content(const Element& value, const Place& place, std::vector<Part>& out);
  bool block(const json::Object& object, const Place& place, Part& out);
  bool image(const Element& value, const Place& place, Part& out);
  bool document(const Element& value, const Place& place, Part& out);
  bool tool_calls(const Element& value, const Place& place, std::vector<Part>& out);
  bool tool_call(const json::Object& object, const Place& place, Part& out);
  bool embed_input(const json::Object& object, const Place& place);
  // A member that must be there, as a text.
  bool text_member(const json::Object& object, std::string_view key, const Place& place, std::string_view& out);
  bool needs_model();

  std::optional<bool> strict_;
  bool has_inputs_ = false;
};

}  // namespace weir::cohere_client
