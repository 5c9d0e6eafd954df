// An answer that a job makes (job.h), and what its client is told meanwhile. A method of Relay.
#include <algorithm>
#include <optional>
#include <span>

#include "formats/shared/answer_form.h"
#include "formats/shared/picture_events.h"
#include "pipeline/relay.h"
#include "pipeline/stream_relay.h"
#include "upstream/tunnel.h"

namespace weir {
namespace {

constexpr std::string_view not_done_yet = "not done yet";

// How far it is, or a look at it: nothing of the answer. Another candidate may begin anew behind it.
bool is_on_the_way(const StreamEvent& event) {
  const auto step = picture_step(event);
  return step && *step != PictureStep::done;
}

}  // namespace

// A client that wants a stream hears of the job as it goes.
class JobListener final : public JobAudience {
 public:
  JobListener(Relay& relay, const Relay::Ask& ask, BreakerCall& call, const Waits& limits, std::size_t place)
      : relay_(relay),
        stream_(relay, ask.model, nullptr, call, limits, ask.turn),
        place_(place),
        began_us_(relay.context_.worker.loop.now_us()),
        may_comment_(Heartbeat::suits(relay.context_.request.format)) {
    if (!may_comment_ || relay.progress_.begun) return;
    // With nobody to go on, it is this one that answers or none.
    if (ask.turn == Turn::last) relay.context_.answered_by(ask.model);
    relay.heartbeat_.start(
        {.content_type = relay.face_.stream_type(relay.context_.request), .fields = relay.context_.answer_fields()},
        not_done_yet);
  }

  net::Task<Status> tell(std::vector<StreamEvent> news) override {
    const auto answer = std::stable_partition(news.begin(), news.end(), is_on_the_way);
    const auto on_the_way = written(std::span(news.begin(), answer));
    if (may_comment_ && !relay_.progress_.begun && !on_the_way.empty()) {
      const auto said = co_await relay_.heartbeat_.say(on_the_way);
      if (!said) co_return failure(relay_.interrupted());
    }
    news.erase(news.begin(), answer);
    if (news.empty()) co_return Status{};
    if (relay_.progress_.begun) co_await relay_.heartbeat_.stop();
    auto told = co_await stream_.tell(std::move(news), place_, began_us_);
    if (may_comment_ && relay_.progress_.begun) relay_.heartbeat_.go_on(not_done_yet);
    co_return told;
  }

  net::Task<AttemptResult> end(Result<Response> response) {
    if (relay_.progress_.begun) co_await relay_.heartbeat_.stop();
    if (!response) co_return stream_.stop(std::move(response.error()));
    co_return co_await stream_.run_whole(*response, place_, began_us_);
  }

 private:
  [[nodiscard]] std::string written(std::span<const StreamEvent> events) const {
    std::string out;
    if (events.empty()) return out;
    const auto writer = relay_.face_.stream(relay_.context_.request);
    writer->begin({.created = relay_.context_.entry.time_us / 1'000'000});
    for (const auto& event : events) writer->write(event, out);
    return out;
  }

  Relay& relay_;
  StreamRelay stream_;
  const std::size_t place_;
  const int64_t began_us_;
  const bool may_comment_;
};

// A client that wants a stream gets what there is of the answer as it comes, where the server tells, and the rest, or
// all of it, when it is done.
net::Task<AttemptResult> Relay::job_answer(const Ask& ask, JobRun& run, HttpRequest& first, std::size_t place,
                                           BreakerCall& call) {
  const auto limits = waits(ask, AskedForm::whole);
  const auto patience = exchange_waits(ask, limits, AskedForm::whole);
  std::optional<JobListener> listener;
  if (context_.request.stream) listener.emplace(*this, ask, call, limits, place);
  JobAudience* const audience = listener ? &*listener : nullptr;
  auto answered = co_await run.run(first, patience, downstream_.cancellation(), audience);
  const bool told = context_.entry.attempts[place].first_token_us != 0;
  auto response = told ? std::move(answered) : unless_silent(std::move(answered));
  context_.entry.attempts[place].http_status = run.status();
  AttemptResult result;
  if (!response) {
    result.error = response.error();
    result.stale = run.was_stale() && result.error->code == ErrorCode::upstream_reset;
    name_proxy(context_.provider_of(ask.model), run.status(), *result.error);
    if (!told) co_return result;
    response = failure(std::move(*result.error));
  }
  if (listener) {
    result = co_await listener->end(std::move(response));
  } else {
    result = co_await give(ask, *response, {}, place);
  }
  co_return result;
}

}  // namespace weir
