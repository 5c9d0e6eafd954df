// Conversations of the Responses format: whatever a client sends and a provider answers, what is made of both is JSON;
// a request that goes on holds what was said before; what is kept of it is what was new. A line break parts the request
// from the answer.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "formats/format.h"
#include "formats/responses/conversation.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_object(std::string_view text) {
  weir::json::Document document;
  return document.parse_copy(text) && document.root().is_object();
}

void answer(const weir::ConversationFace& face, std::string_view text) {
  std::optional<weir::KeptAnswer> complete;
  for (const std::string_view previous : {"", "resp_\"1"}) {
    const weir::ConversationFace::Mark mark{.previous = previous, .kept = true};
    const auto whole = face.mark_whole(text, mark, complete);
    require(whole.empty() || is_object(whole));
    const auto event = face.mark_event(text, mark, complete);
    require(event.empty() || is_object(event));
  }
}

void turn(const weir::ConversationFace& face, const std::string& body, std::string_view earlier) {
  static weir::json::DocumentPool pool;
  const auto id = face.continues(body);
  if (!id || !*id) return;
  const std::vector<weir::TurnTexts> turns = {
      {.id = **id, .input = R"([{"role":"user","content":"a"}])", .answer = earlier}};
  const auto expanded = face.expand(body, turns);
  require(is_object(expanded.body));
  const auto request = weir::client_face("responses").read({.body = expanded.body}, pool);
  if (!request) return;
  const auto fresh = face.new_items(*request, expanded.earlier_items);
  weir::json::Document document;
  require(document.parse_copy(fresh) && document.root().is_array());
  const std::vector<weir::TurnTexts> all = {turns[0], {.id = **id, .input = fresh, .answer = earlier}};
  for (const auto path : {weir::responses::kept_path, weir::responses::input_items_path}) {
    const auto reply = face.reply({.method = "GET", .pattern = path, .id = **id, .query = body}, all);
    if (reply) require(is_object(reply->body));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto& face = *weir::client_face("responses").conversations();
  const auto end = text.find('\n');
  const auto body = text.substr(0, end);
  const auto said = end == std::string::npos ? std::string() : text.substr(end + 1);
  answer(face, said);
  turn(face, body, is_object(said) ? std::string_view(said) : std::string_view(R"({"output":[]})"));
  return 0;
}
