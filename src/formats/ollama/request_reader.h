// RequestReader: one walk over a parsed request body in Ollama's format into a Request. Lives on the stack of
// read_request(); used by one thread.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "formats/shared/body_reader.h"

namespace weir::ollama_client {

using json::Element;

class RequestReader : public BodyReader {
 public:
  explicit RequestReader(Request& request) : BodyReader(request) {}

  // By the path that was asked.
  bool read_chat();
  bool read_generate();
  bool read_embedding();

 private:
  using Known = KnownField<RequestReader>;
  static std::span<const Known> chat_fields();
  static std::span<const Known> generate_fields();
  static std::span<const Known> embedding_fields();

  // Fields. All readers: false when the error is set.
  bool model(const Element& value, const Place& place, std::string_view raw);
  bool stream(const Element& value, const Place& place, std::string_view raw);
  bool format(const Element& value, const Place& place, std::string_view raw);
  bool options(const Element& value, const Place& place, std::string_view raw);
  bool think(const Element& value, const Place& place, std::string_view raw);
  bool logprobs(const Element& value, const Place& place, std::string_view raw);
  bool top_logprobs(const Element& value, const Place& place, std::string_view raw);
  bool hint(const Element& value, const Place& place, std::string_view raw);
  bool tools(const Element& value, const Place& place, std::string_view raw);
  bool messages(const Element& value, const Place& place, std::string_view raw);
  bool prompt(const Element& value, const Place& place, std::string_view raw);
  bool suffix(const Element& value, const Place& place, std::string_view raw);
  bool system(const Element& value, const Place& place, std::string_view raw);
  bool is_raw(const Element& value, const Place& place, std::string_view raw);
  bool images(const Element& value, const Place& place, std::string_view raw);
  bool only_ollama(const Element& value, const Place& place, std::string_view raw);
  bool input(const Element& value, const Place& place, std::string_view raw);
  bool older_prompt(const Element& value, const Place& place, std::string_view raw);
  bool dimensions(const Element& value, const Place& place, std::string_view raw);

  bool option(const Element& value, const Place& place);
  bool message(const json::Object& object, const Place& place);
  bool role(const Element& value, const Place& place, Role& out);
  bool pictures(const Element& value, const Place& place, std::vector<Part>& out);
  bool tool_calls(const Element& value, const Place& place, std::vector<Part>& out);
  bool tool_call(const json::Object& object, const Place& place, Part& out);
  void find_call(Message& result);
  bool finish_generate();
  bool finish_completion();
  bool needs_model();

  // Ollama's own clients send neither ids of calls nor those of results; other formats need them to tell which result
  // is whose.
  struct OpenCall {
    std::string_view id;
    std::string_view name;
  };
  std::vector<OpenCall> open_calls_;

  // Of /api/generate.
  std::optional<std::string_view> prompt_;
  std::string_view system_;
  std::vector<Part> pictures_;
  bool raw_ = false;
  bool has_format_ = false;
};

}  // namespace weir::ollama_client
