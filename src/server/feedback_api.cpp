#include "server/feedback_api.h"

#include "lessons/lesson_keeper.h"
#include "pipeline/stored_text.h"

namespace weir {
namespace {

constexpr int64_t patience_ms = 10'000;
constexpr std::size_t most_kept_comment = 500;  // bytes

// What another thread finds out, for a coroutine of this loop that may have gone by then.
template <typename T>
struct Shared {
  std::optional<T> found;
  net::Signal* signal = nullptr;
};

template <typename T>
struct Unlink {
  Shared<T>& shared;
  ~Unlink() { shared.signal = nullptr; }
};

template <typename T>
void tell(net::EventLoop& loop, const std::shared_ptr<Shared<T>>& shared, T found) {
  loop.post([shared, found = std::move(found)]() mutable {
    shared->found.emplace(std::move(found));
    if (shared->signal != nullptr) shared->signal->fire();
  });
}

// Runs `ask` on the ledger's thread; nullopt: no answer in time, or the client left.
template <typename T>
net::Task<std::optional<T>> ask_ledger(Worker& worker, net::Cancellation& cancellation, std::function<T(Store&)> ask) {
  const auto shared = std::make_shared<Shared<T>>();
  net::Signal answered(worker.loop,
                       {.deadline_us = worker.loop.deadline_in_ms(patience_ms), .cancellation = &cancellation});
  shared->signal = &answered;
  const Unlink<T> unlink{*shared};
  worker.ledger.run(
      [&loop = worker.loop, shared, ask = std::move(ask)](Store& store) { tell(loop, shared, ask(store)); });
  co_await answered;
  co_return std::move(shared->found);
}

// Runs `ask` with what it is to be told; nullopt as above.
template <typename T>
net::Task<std::optional<T>> ask_keeper(Worker& worker, net::Cancellation& cancellation,
                                       std::function<void(std::function<void(T)>)> ask) {
  const auto shared = std::make_shared<Shared<T>>();
  net::Signal answered(worker.loop,
                       {.deadline_us = worker.loop.deadline_in_ms(patience_ms), .cancellation = &cancellation});
  shared->signal = &answered;
  const Unlink<T> unlink{*shared};
  ask([&loop = worker.loop, shared](T found) { tell(loop, shared, std::move(found)); });
  co_await answered;
  co_return std::move(shared->found);
}

Error unknown(std::string_view id) {
  return {.code = ErrorCode::not_found,
          .message = fmt::format("There is no request '{}' in the ledger that this key made.", shortened(id)),
          .param = "request_id"};
}

// On the ledger's thread, after all that was recorded before: only who asked, or an admin.
Status may_judge(Store& store, const std::string& request_id, const KeyState* key) {
  const auto entry = store.find(request_id);
  if (!entry) return failure(entry.error());
  const bool allowed = key == nullptr || key->record.admin || (*entry && (*entry)->key_id == key->record.id);
  return *entry && allowed ? Status{} : failure(unknown(request_id));
}

}  // namespace

net::Task<Result<ApiAnswer>> take_feedback(Worker& worker, std::string body, std::shared_ptr<const KeyState> key,
                                           net::Cancellation& cancellation) {
  if (worker.lessons == nullptr) co_return failure(ErrorCode::not_found, "No feedback is taken here.");
  auto wish = read_feedback(std::move(body));
  if (!wish) co_return failure(std::move(wish.error()));
  auto feedback = std::move(wish->feedback);
  feedback.time_us = wall_clock_us();
  feedback.comment =
      stored_text(feedback.comment, most_kept_comment, *worker.deployment->snapshot, worker.deployment->guards);
  if (key) feedback.key_id = key->record.id;
  std::function<Status(Store&)> ask = [id = feedback.request_id, key](Store& store) {
    return may_judge(store, id, key.get());
  };
  auto asking = ask_ledger<Status>(worker, cancellation, std::move(ask));
  const auto allowed = co_await std::move(asking);
  if (!allowed) co_return failure(ErrorCode::internal, "The ledger did not answer in time.");
  if (!*allowed) co_return failure(allowed->error());

  const bool gave_better = !wish->better_answer.empty();
  std::function<void(std::function<void(Result<bool>)>)> keep =
      [&worker, feedback, better = wish->better_answer](std::function<void(Result<bool>)> done) {
        worker.lessons->feedback(feedback, better, std::move(done));
      };
  auto keeping = ask_keeper<Result<bool>>(worker, cancellation, std::move(keep));
  const auto there = co_await std::move(keeping);
  if (!there) co_return failure(ErrorCode::internal, "The ledger did not take it in time.");
  if (!*there) co_return failure(there->error());
  ApiAnswer answer;
  json::Writer out(answer.body);
  out.begin_object();
  out.key("object").value("weir.feedback");
  out.key("request_id").value(feedback.request_id);
  out.key("score").value(feedback.score);
  out.key("lesson").boolean(**there);
  // A text of that kind is kept only with a lesson: the ledger holds none.
  if (gave_better) out.key("better_answer_kept").boolean(**there);
  out.end_object();
  co_return answer;
}

net::Task<std::optional<Feedback>> feedback_on(Worker& worker, std::string request_id,
                                               net::Cancellation& cancellation) {
  if (worker.lessons == nullptr) co_return std::nullopt;
  std::function<void(std::function<void(std::optional<Feedback>)>)> find =
      [&worker, id = std::move(request_id)](std::function<void(std::optional<Feedback>)> done) {
        worker.lessons->find_feedback(id, std::move(done));
      };
  auto asking = ask_keeper<std::optional<Feedback>>(worker, cancellation, std::move(find));
  auto found = co_await std::move(asking);
  co_return found ? std::move(*found) : std::nullopt;
}

}  // namespace weir
