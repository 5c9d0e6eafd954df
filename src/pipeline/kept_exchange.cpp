#include "pipeline/kept_exchange.h"

#include <algorithm>
#include <limits>

#include "core/text_list.h"
#include "formats/format.h"
#include "pipeline/kept_turns.h"

namespace weir {
namespace {

// What was said before, as a request goes on from it.
struct Continued {
  std::string previous_id;
  int64_t previous = 0;
  std::string declared;
  ConversationFace::Expanded expanded;
};

// Names of `more` that are not in `list` yet.
void add_names(std::string& list, std::string_view more) {
  for (const auto name : split_list(more)) {
    const auto known = split_list(list);
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    list.append(list.empty() ? "" : ",").append(name);
  }
}

struct Question {
  const ConversationFace& face;
  std::string owner;
  std::string body;
  std::size_t most_bytes = 0;
};

Status check_size(const Continued& continued, const Question& question) {
  if (continued.expanded.body.size() <= question.most_bytes) return {};
  return failure(ErrorCode::body_too_large,
                 fmt::format("The request with the conversation before it is larger than `limits.body` allows ({} "
                             "bytes): begin a new one.",
                             question.most_bytes));
}

// The body with what it refers to in the places of the references.
Status put_items_in(const Question& question, ConversationKeeper::Access& access, Continued& continued) {
  auto& body = continued.expanded.body;
  body = question.body;
  const auto ids = question.face.refers_to(body);
  if (ids.empty()) return {};
  const auto turns = access.find_items(question.owner, ids, static_cast<int64_t>(question.most_bytes));
  if (!turns) return failure(turns.error());
  for (const auto& turn : *turns) add_names(continued.declared, turn.declared);
  body = question.face.put_in(body, texts_of(*turns));
  return check_size(continued, question);
}

// On the keeper's thread: a long conversation is no work for a loop.
Result<Continued> continue_from(const Question& question, ConversationKeeper::Access& access) {
  Continued continued;
  if (auto done = put_items_in(question, access, continued); !done) return failure(std::move(done.error()));
  auto id = question.face.continues(continued.expanded.body);
  if (!id) return failure(std::move(id.error()));
  if (!*id) return continued;
  const auto most = static_cast<int64_t>(question.most_bytes);
  const auto found = access.find(question.owner, **id, ConversationShelf::Depth::all, most);
  if (!found) return failure(found.error());
  if (found->state != Conversation::State::whole) {
    return failure(question.face.cannot_continue(**id, found->state == Conversation::State::unknown
                                                           ? ConversationFace::Missing::unknown
                                                           : ConversationFace::Missing::in_part));
  }
  continued.previous_id = std::move(**id);
  continued.previous = found->turns.back().number;
  for (const auto& turn : found->turns) add_names(continued.declared, turn.declared);
  continued.expanded = question.face.expand(continued.expanded.body, texts_of(found->turns));
  if (auto fits = check_size(continued, question); !fits) return failure(std::move(fits.error()));
  return continued;
}

}  // namespace

std::unique_ptr<KeptExchange> KeptExchange::begin(const ClientFace& face, RequestContext& context, Downstream& client) {
  const auto* const conversations = face.conversations();
  const auto* const keeper = context.worker.conversations;
  if (conversations == nullptr || keeper == nullptr || !keeper->keeps()) return nullptr;
  return std::make_unique<KeptExchange>(*conversations, context, client);
}

KeptExchange::KeptExchange(const ConversationFace& face, RequestContext& context, Downstream& client)
    : face_(face),
      context_(context),
      client_(client),
      framer_(Framing::sse, std::numeric_limits<std::size_t>::max()) {}  // what comes has been measured

net::Task<Status> KeptExchange::expand(std::string& body) {
  const auto question = std::make_shared<const Question>(Question{.face = face_,
                                                                  .owner = context_.entry.key_id,
                                                                  .body = body,
                                                                  .most_bytes = context_.snapshot().limits.body_bytes});
  std::function<Result<Continued>(ConversationKeeper::Access&)> ask = [question](ConversationKeeper::Access& access) {
    return continue_from(*question, access);
  };
  auto continued =
      co_await ask_keeper(*context_.worker.conversations, context_.worker.loop, client_.cancellation(), std::move(ask));
  if (!continued) co_return failure(std::move(continued.error()));
  auto& found = *continued;
  previous_id_ = std::move(found.previous_id);
  previous_ = found.previous;
  declared_ = std::move(found.declared);
  earlier_items_ = found.expanded.earlier_items;
  body = std::move(found.expanded.body);
  co_return Status{};
}

std::string KeptExchange::declare(std::string_view said) {
  add_names(declared_, said);
  return declared_;
}

Status KeptExchange::read_wish() {
  const auto wanted = face_.wants_keeping(context_.request);
  if (!wanted) return failure(wanted.error());
  wanted_ = *wanted;
  return {};
}

void KeptExchange::keep_if_allowed() {
  const auto& plan = context_.plan;
  keeps_ = wanted_ && (!plan.route || context_.snapshot().routes[*plan.route].store_responses);
  if (keeps_) face_.will_keep(context_.request);
}

void KeptExchange::hand_over(std::optional<KeptAnswer> answer) {
  if (!answer || !std::exchange(keeps_, false)) return;
  auto items = face_.item_ids(answer->answer);
  context_.worker.conversations->keep({.owner = context_.entry.key_id,
                                       .id = std::move(answer->id),
                                       .previous = previous_,
                                       .input = face_.new_items(context_.request, earlier_items_),
                                       .answer = std::move(answer->answer),
                                       .declared = declared_,
                                       .request = context_.entry.id,
                                       .items = std::move(items)});
}

// Handed over before the client has it: whoever goes on from it at once finds it.
net::Task<Status> KeptExchange::respond(const AnswerHead& head, std::string_view body) {
  if (!marks() || head.status != 200) return client_.respond(head, body);
  std::optional<KeptAnswer> complete;
  marked_ = face_.mark_whole(body, {.previous = previous_id_, .kept = keeps_}, complete);
  hand_over(std::move(complete));
  return client_.respond(head, marked_.empty() ? body : std::string_view(marked_));
}

net::Task<Status> KeptExchange::write(std::string_view bytes) {
  marked_.clear();
  framing_ = framing_ || marks();
  if (framing_) {
    mark(bytes);
    if (marked_.empty()) co_return Status{};  // an empty piece would end the body
    bytes = marked_;
  }
  const auto written = co_await client_.write(bytes);
  co_return written;
}

void KeptExchange::mark(std::string_view bytes) {
  const bool kept = keeps_;
  framer_.feed(bytes);
  FramedEvent event;
  while (framer_.next(event).value_or(false)) {
    std::optional<KeptAnswer> complete;
    std::string data;
    if (event.has_data) data = face_.mark_event(event.data, {.previous = previous_id_, .kept = kept}, complete);
    if (data.empty()) {
      marked_ += event.raw;
    } else if (event.name.empty()) {
      marked_.append("data: ").append(data).append("\n\n");
    } else {
      marked_.append("event: ").append(event.name).append("\ndata: ").append(data).append("\n\n");
    }
    hand_over(std::move(complete));
  }
}

net::Task<Status> KeptExchange::end() {
  FramedEvent event;
  if (framing_ && framer_.finish(event).value_or(false)) {
    marked_ = event.raw;
    const auto written = co_await client_.write(marked_);
    if (!written) co_return written;
  }
  const auto ended = co_await client_.end();
  co_return ended;
}

}  // namespace weir
