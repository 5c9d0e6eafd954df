#include "pipeline/job.h"

#include <fmt/format.h>

#include <algorithm>

#include "upstream/web_socket_listener.h"

namespace weir {
namespace {

constexpr std::size_t max_error_body = 64 * 1024;
constexpr int64_t question_ms = 60'000;     // for the answer to a question, not to the job itself
constexpr int64_t give_up_ms = 5'000;       // for all words that stop a job
constexpr int64_t late_answer_ms = 60'000;  // for the name of a job that nobody waits for any more
constexpr int most_failures = 5;            // of one question, one after the other
constexpr int64_t first_pause_ms = 500;     // before it is asked again; then twice as long
constexpr int64_t look_ms = 500;            // between two looks at how far it is
constexpr int64_t look_wait_ms = 5'000;     // for the answer to one
constexpr std::size_t most_look = 16 * 1024 * 1024;

// Only what changes nothing is asked again, and only where the failure may be one of the moment.
bool is_worth_another(const HttpRequest& request, const Error& error) {
  return request.method == "GET" &&
         (error.code == ErrorCode::upstream_rate_limited || error.code == ErrorCode::upstream_server_error ||
          error.code == ErrorCode::upstream_reset || error.code == ErrorCode::upstream_timeout ||
          error.code == ErrorCode::upstream_truncated || error.code == ErrorCode::upstream_unreachable);
}

Error gone() { return {.code = ErrorCode::client_gone, .message = "The client left."}; }

Error not_done(const ProviderSettings& provider) {
  return {.code = ErrorCode::upstream_timeout,
          .message = fmt::format("{} was not done in time; `timeouts.total` of this provider says how long Weir waits",
                                 provider.id)};
}

}  // namespace

JobRun::JobRun(Worker& worker, std::shared_ptr<const Deployment> deployment, uint32_t provider,
               std::unique_ptr<Job> job, std::shared_ptr<const Snapshot> named)
    : worker_(worker),
      deployment_(std::move(deployment)),
      named_(std::move(named)),
      provider_(provider),
      job_(std::move(job)) {}

net::Task<Result<Response>> JobRun::run(HttpRequest& first, const ExchangeWaits& waits, net::Cancellation& cancellation,
                                        JobAudience* audience) {
  waits_ = waits;
  audience_ = audience;
  progress_ = audience == nullptr ? nullptr : dynamic_cast<JobProgress*>(job_.get());
  if (auto ask = progress_ == nullptr ? std::nullopt : progress_->listen())
    net::spawn(listen_apart(shared_from_this(), std::move(*ask)));
  auto came = co_await work(first, cancellation);
  listening_.request();
  co_return came;
}

net::Task<void> JobRun::listen_apart(std::shared_ptr<JobRun> run, HttpRequest ask) {
  auto& worker = run->worker_;
  const net::Wait wait{.deadline_us = run->waits_.deadline_us, .cancellation = &run->listening_};
  std::function<void(const net::WebSocketMessage&)> hear = [&run](const net::WebSocketMessage& message) {
    const bool text = message.kind == net::WebSocketMessage::Kind::text;
    run->progress_->heard(text ? JobProgress::Form::text : JobProgress::Form::binary, message.bytes);
  };
  co_await listen_to(worker.pool, run->provider(), std::move(ask), wait, static_cast<uint32_t>(worker.random()),
                     std::move(hear));
}

net::Task<Result<Response>> JobRun::work(HttpRequest& first, net::Cancellation& cancellation) {
  auto answer = co_await begin(first, cancellation);
  waits_.head_ms = std::min(waits_.head_ms, question_ms);
  for (;;) {
    if (!answer) co_return failure(answer.error());
    auto step = job_->then(std::move(*answer));
    if (!step) co_return failure(step.error());
    over_ = over_ || !*step;
    const auto told = co_await tell_news();
    if (!told) co_return failure(told.error());
    if (!*step) break;
    const auto paused = co_await pause((*step)->after_ms, cancellation);
    if (!paused) co_return failure(paused.error());
    answer = co_await ask_until_answered((*step)->ask, cancellation);
  }
  auto answered = job_->answer();
  if (answered && progress_ != nullptr) {
    for (auto& choice : answered->choices) choice.parts.clear();
  }
  co_return answered;
}

net::Task<Status> JobRun::tell_news() {
  if (progress_ == nullptr) co_return Status{};
  auto news = progress_->news();
  if (news.empty()) co_return Status{};
  co_return co_await audience_->tell(std::move(news));
}

// The job is none: its server refused it, or cannot have seen it, or dropped it.
bool JobRun::ended_at_once(const Result<HttpResponse>& answer) const {
  const bool refused = !answer && status_ >= 300;
  return refused || !connected_ || (!answer && answer.error().code == ErrorCode::upstream_reset);
}

// The first request of a job that has no name yet is asked in a task of its own: whoever leaves meanwhile leaves a job
// behind that can still be stopped once its name is known.
net::Task<Result<HttpResponse>> JobRun::begin(HttpRequest& first, net::Cancellation& cancellation) {
  if (!job_->cancel().empty()) {
    if (progress_ != nullptr && progress_->look()) co_return co_await begin_watched(first, cancellation);
    auto answer = co_await ask(first, &cancellation);
    over_ = ended_at_once(answer);
    co_return answer;
  }
  first_ = std::move(first);
  waits_.hopeless = nullptr;  // it looks at the request
  beginning_ = true;
  net::Signal arrived(worker_.loop, {.deadline_us = waits_.deadline_us, .cancellation = &cancellation});
  arrived_ = &arrived;
  net::spawn(begin_apart(shared_from_this()));
  const auto outcome = co_await arrived;
  arrived_ = nullptr;
  if (first_answer_) {
    beginning_ = false;
    over_ = !*first_answer_;
    co_return std::move(*first_answer_);
  }
  co_return failure(outcome == net::Outcome::cancelled ? gone() : not_done(provider()));
}

// A server that answers when it is done is asked beside that how far it is. Whoever stops waiting takes the question
// back, which is how such a server learns of it first.
net::Task<Result<HttpResponse>> JobRun::begin_watched(HttpRequest& first, net::Cancellation& cancellation) {
  first_ = std::move(first);
  waits_.hopeless = nullptr;  // it looks at the request
  net::spawn(begin_apart(shared_from_this()));
  while (!first_answer_) {
    const auto next_look = can_look_ ? worker_.loop.deadline_in_ms(look_ms) : waits_.deadline_us;
    net::Signal arrived(worker_.loop,
                        {.deadline_us = std::min(next_look, waits_.deadline_us), .cancellation = &cancellation});
    arrived_ = &arrived;
    const auto outcome = co_await arrived;
    arrived_ = nullptr;
    if (first_answer_) break;
    Status heard;
    if (outcome != net::Outcome::cancelled && can_look_) {
      co_await look(cancellation);
      heard = co_await tell_news();
    }
    if (first_answer_ && heard) break;
    const bool late = worker_.loop.now_us() >= waits_.deadline_us;
    if (heard && !late && !cancellation.requested()) continue;
    apart_.request();
    if (!heard) co_return failure(heard.error());
    co_return failure(cancellation.requested() ? gone() : not_done(provider()));
  }
  over_ = ended_at_once(*first_answer_);
  co_return std::move(*first_answer_);
}

// Of what comes of it nothing but the news is kept: status and connection are those of the job's own questions.
net::Task<void> JobRun::look(net::Cancellation& cancellation) {
  const auto question = progress_->look();
  if (!question) {
    can_look_ = false;
    co_return;
  }
  Exchange exchange(worker_.pool, provider());
  const ExchangeWaits patience{.deadline_us = std::min(waits_.deadline_us, worker_.loop.deadline_in_ms(look_wait_ms)),
                               .head_ms = look_wait_ms};
  const auto sent = co_await exchange.send(*question, patience, &cancellation);
  if (!sent || exchange.status() != 200) {
    can_look_ = false;
    co_return;
  }
  auto body = co_await exchange.read_all(most_look);
  if (!body) co_return;
  HttpResponse answer{.status = 200, .headers = {}, .body = std::move(*body)};
  progress_->seen(std::move(answer));
}

net::Task<void> JobRun::begin_apart(std::shared_ptr<JobRun> run) {
  auto answer = co_await run->ask(run->first_, &run->apart_);
  run->first_answer_.emplace(std::move(answer));
  if (run->arrived_ != nullptr) run->arrived_->fire();
}

net::Task<Result<HttpResponse>> JobRun::ask_until_answered(const HttpRequest& request,
                                                           net::Cancellation& cancellation) {
  for (int failures = 0;; ++failures) {
    auto answer = co_await ask(request, &cancellation);
    if (answer || failures == most_failures || !is_worth_another(request, answer.error())) co_return answer;
    if (cancellation.requested()) co_return failure(gone());
    const auto wait_ms = std::max(answer.error().retry_after_ms, first_pause_ms << failures);
    if (worker_.loop.deadline_in_ms(wait_ms) >= waits_.deadline_us) co_return answer;
    const auto paused = co_await pause(wait_ms, cancellation);
    if (!paused) co_return failure(paused.error());
  }
}

net::Task<Status> JobRun::pause(int64_t ms, net::Cancellation& cancellation) {
  const auto left_ms = (waits_.deadline_us - worker_.loop.now_us()) / 1000;
  const auto slept =
      co_await worker_.loop.sleep(std::clamp<int64_t>(ms, 0, std::max<int64_t>(left_ms, 0)), &cancellation);
  if (slept == net::Outcome::cancelled) co_return failure(gone());
  if (ms >= left_ms) co_return failure(not_done(provider()));
  co_return Status{};
}

net::Task<Result<HttpResponse>> JobRun::ask(const HttpRequest& request, net::Cancellation* cancellation) {
  status_ = 0;
  Exchange exchange(worker_.pool, provider());
  const auto sent = co_await exchange.send(request, waits_, cancellation);
  status_ = exchange.status();
  connected_ = exchange.connected();
  if (connected_) {
    worker_.metrics.add(exchange.was_reused() ? Count::upstream_reuses : Count::upstream_connects);
  }
  if (!sent) {
    stale_ = exchange.was_reused() && sent.error().code == ErrorCode::upstream_reset;
    co_return failure(sent.error());
  }
  if (status_ < 200 || status_ > 299) {
    auto body = co_await exchange.read_all(max_error_body);
    co_return failure(format().model->classify({status_, exchange.headers(), body ? std::move(*body) : std::string()}));
  }
  auto body = co_await exchange.read_all(deployment_->snapshot->limits.response_bytes);
  if (!body) co_return failure(body.error());
  HttpResponse answer{.status = status_, .headers = {}, .body = std::move(*body)};
  if (!exchange.content_type().empty()) answer.headers.add("Content-Type", exchange.content_type());
  co_return answer;
}

net::Task<void> JobRun::give_up(std::shared_ptr<JobRun> run, SlotLease lease, int64_t used_us) {
  auto& loop = run->worker_.loop;
  if (run->beginning_ && !run->first_answer_) {
    net::Signal arrived(loop, {.deadline_us = loop.deadline_in_ms(late_answer_ms)});
    run->arrived_ = &arrived;
    co_await arrived;
    run->arrived_ = nullptr;
  }
  if (run->beginning_ && run->first_answer_ && *run->first_answer_) {
    // What it says besides its name, nobody wants to know any more.
    const auto step = run->job_->then(std::move(**run->first_answer_));
    run->over_ = step && !*step;
  }
  run->beginning_ = false;
  run->waits_ = ExchangeWaits{.deadline_us = loop.deadline_in_ms(give_up_ms), .head_ms = give_up_ms};
  const auto words = run->over_ ? std::vector<HttpRequest>() : run->job_->cancel();
  for (const auto& word : words) {
    const auto told = co_await run->ask(word, nullptr);
    if (!told && !run->connected_) break;
  }
  lease.release_after(used_us);
}

}  // namespace weir
