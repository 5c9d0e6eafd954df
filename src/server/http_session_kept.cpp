// HttpSession: what clients ask of answers that are kept.
#include "pipeline/kept_turns.h"
#include "server/http_session.h"

namespace weir {
namespace {

struct KeptQuestion {
  const ConversationFace& face;
  const PathPattern& pattern;
  std::string method;
  std::string owner;
  std::string id;
  std::string query;
};

// On the keeper's thread.
Result<std::string> reply_to(const KeptQuestion& question, ConversationKeeper::Access& access) {
  const ConversationFace::Question asked{
      .method = question.method, .pattern = question.pattern.path, .id = question.id, .query = question.query};
  const bool all = question.face.asks_for_all(asked);
  auto found = access.find(question.owner, question.id,
                           all ? ConversationShelf::Depth::all : ConversationShelf::Depth::last, INT64_MAX);
  if (!found) return failure(found.error());
  if (found->state != Conversation::State::whole) found->turns.clear();
  auto reply = question.face.reply(asked, texts_of(found->turns));
  if (!reply) return failure(std::move(reply.error()));
  if (reply->drop) {
    if (auto removed = access.remove(question.owner, question.id); !removed) return failure(removed.error());
  }
  return std::move(reply->body);
}

}  // namespace

net::Task<void> HttpSession::answer_kept(const Format& format, const PathPattern& pattern, std::string id) {
  const auto key = authenticate();
  if (!key) co_return co_await refuse(key.error());
  std::string body;  // says nothing here
  const auto read = co_await read_body(body, ContentCoding::identity);
  if (!read && read.error().code == ErrorCode::client_gone) co_return;
  if (!read) co_return co_await refuse(read.error());
  auto* const keeper = host_.worker.conversations;
  if (keeper == nullptr || !keeper->keeps()) {
    const Error off{.code = ErrorCode::not_found, .message = "No answers are kept here (`responses.keep`)."};
    co_return co_await refuse(off);
  }
  const auto question = std::make_shared<const KeptQuestion>(KeptQuestion{.face = *format.client->conversations(),
                                                                          .pattern = pattern,
                                                                          .method = request_.method,
                                                                          .owner = *key ? (*key)->record.id : "",
                                                                          .id = std::move(id),
                                                                          .query = request_.query});
  std::function<Result<std::string>(ConversationKeeper::Access&)> ask = [question](ConversationKeeper::Access& access) {
    return reply_to(*question, access);
  };
  const auto told = co_await ask_keeper(*keeper, host_.worker.loop, cancellation_, std::move(ask));
  if (!told && told.error().code == ErrorCode::client_gone) co_return;
  if (!told) co_return co_await refuse(told.error());
  AnswerHead head{.fields = own_fields("answered by the gateway itself")};
  const bool events = told->empty() || told->starts_with("event: ");  // asked for as a stream, which may be at its end
  if (events) head.content_type = "text/event-stream; charset=utf-8";
  co_await respond(head, *told);
}

}  // namespace weir
