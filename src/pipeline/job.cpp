#include "pipeline/job.h"

#include <algorithm>

namespace weir {
namespace {

constexpr std::size_t max_error_body = 64 * 1024;
constexpr int64_t question_ms = 60'000;     // for the answer to a question, not to the job itself
constexpr int64_t give_up_ms = 5'000;       // for all words that stop a job
constexpr int64_t late_answer_ms = 60'000;  // for the name of a job that nobody waits for any more
constexpr int most_failures = 5;            // of one question, one after the other
constexpr int64_t first_pause_ms = 500;     // before it is asked again; then twice as long

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

net::Task<Result<Response>> JobRun::run(HttpRequest& first, const ExchangeWaits& waits,
                                        net::Cancellation& cancellation) {
  waits_ = waits;
  auto answer = co_await begin(first, cancellation);
  waits_.head_ms = std::min(waits_.head_ms, question_ms);
  for (;;) {
    if (!answer) co_return failure(answer.error());
    auto step = job_->then(std::move(*answer));
    if (!step) co_return failure(step.error());
    if (!*step) break;
    const auto paused = co_await pause((*step)->after_ms, cancellation);
    if (!paused) co_return failure(paused.error());
    answer = co_await ask_until_answered((*step)->ask, cancellation);
  }
  over_ = true;
  co_return job_->answer();
}

// The first request of a job that has no name yet is asked in a task of its own: whoever leaves meanwhile leaves a job
// behind that can still be stopped once its name is known.
net::Task<Result<HttpResponse>> JobRun::begin(HttpRequest& first, net::Cancellation& cancellation) {
  if (!job_->cancel().empty()) {
    auto answer = co_await ask(first, &cancellation);
    const bool refused = !answer && status_ >= 300;
    over_ = refused || !connected_ || (!answer && answer.error().code == ErrorCode::upstream_reset);
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

net::Task<void> JobRun::begin_apart(std::shared_ptr<JobRun> run) {
  auto answer = co_await run->ask(run->first_, nullptr);
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
