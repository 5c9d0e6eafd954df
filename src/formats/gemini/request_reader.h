// RequestReader: bodies of Gemini's generateContent, countTokens, embedContent and batchEmbedContents → Request. Every
// field is taken in camel case and in snake case, and a list of one may be given without its brackets, as Google's
// servers do. What only Gemini can carry goes into Request::foreign, what changes nothing into Request::left_out. Lives
// on the stack of read_request(); used by one thread.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/request.h"
#include "formats/gemini/names.h"
#include "formats/shared/place.h"

namespace weir::gemini {

using json::Element;

class RequestReader : public FieldReader {
 public:
  explicit RequestReader(Request& request) : request_(request) {}

  // Of the operation that the request is for. Precondition: the document was surveyed. False: take_error().
  bool read_body();

 private:
  // How often a top-level field came, to refuse the second one.
  enum class Field : uint8_t;
  bool generate(const json::Object& body, const Place* outer);
  bool field(Field which, const Element& value, const Place& place);
  bool finish();

  bool system(const Element& value, const Place& place);
  bool config(const Element& value, const Place& place);
  bool setting(const Element& value, const Place& place);
  bool thinking(const Element& value, const Place& place);
  bool stops(const Element& value, const Place& place);
  bool mime_type(const Element& value, const Place& place);
  bool response_format(const Element& value, const Place& place);
  bool modalities(const Element& value, const Place& place);

  bool tool(const Element& value, const Place& place);
  bool declaration(const Element& value, const Place& place);
  bool tool_config(const Element& value, const Place& place);
  bool calling(const Element& value, const Place& place);
  void narrow_tools();

  // read_contents.cpp
  bool contents(const Element& value, const Place& place);
  bool content(const Element& value, const Place& place);
  bool parts(const Element& value, const Place& place);
  bool part(const Element& value, const Place& place);
  bool text(const Element& value, const Place& place);
  bool blob(const Element& value, const Place& place, Media& media);
  bool file(const Element& value, const Place& place, Media& media, const Element& whole);
  bool call(const Element& value, const Place& place);
  bool result(const Element& value, const Place& place);
  bool result_parts(const Element& value, const Place& place, Message& message);
  void result_text(const Element& value, Message& message);
  void add_media(const Media& media);
  std::string_view seal(std::string_view text);
  std::string_view call_answered_by(std::string_view id, std::string_view name);
  void join_pieces(Message& message);
  Message& turn();

  // read_embedding.cpp
  bool embedding(const json::Object& body, const Place* outer);
  bool embedding_setting(std::string_view key, const Element& value, const Place& place);
  bool embedded(const Element& value, const Place& place);
  void same_wants(const Place& place);

  // `visit(element, place)` for each element of a list, or for what stands there without one.
  template <typename Visit>
  bool each(const Element& value, const Place& place, const Visit& visit);
  bool foreign(const Place& place, std::string what);
  void leave_out(std::string_view name) { request_.left_out.push_back(name); }
  void count(std::string_view text) { request_.text_bytes += text.size(); }

  Request& request_;
  std::vector<std::string_view> allowed_;  // functions that may be called; empty: all

  // Of the turn that is being read.
  Role role_ = Role::user;
  bool in_turn_ = false;         // the last of `messages` is of this turn
  std::vector<bool> in_pieces_;  // by message: came in several contents of the model, as streams do

  // What is said of the part that is being read.
  bool thought_ = false;
  std::string_view signature_;

  // Calls that no result has come for, by id and by name.
  struct Call {
    std::string_view id;
    bool answered = false;
  };
  std::deque<Call> calls_;
  std::unordered_map<std::string_view, Call*> call_by_id_;
  std::unordered_map<std::string_view, std::deque<Call*>> calls_by_name_;
  std::size_t made_ids_ = 0;

  // Of the text to embed that is being read.
  struct Wanted {
    std::optional<int64_t> dimensions;
    std::string_view task;
  };
  Wanted wanted_;
};

template <typename Visit>
bool RequestReader::each(const Element& value, const Place& place, const Visit& visit) {
  json::Array list;
  if (value.get(list) != simdjson::SUCCESS) {
    if (value.is_object() || value.is_string()) return visit(value, place);
    return wrong_type(place, "an array", value);
  }
  std::size_t index = 0;
  for (const auto element : list) {
    if (!visit(element, Place{.outer = &place, .key = {}, .index = index++})) return false;
  }
  return true;
}

}  // namespace weir::gemini
