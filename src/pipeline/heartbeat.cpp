#include "pipeline/heartbeat.h"

#include <string>

namespace weir {
namespace {

constexpr int64_t between_ms = 10'000;

}  // namespace

// Shared with its coroutine, which may find that its owner is gone.
struct Heartbeat::Beat {
  Beat(net::EventLoop& of, Downstream& listener, AnswerHead first, std::string_view reason, bool has_begun)
      : loop(of), client(&listener), head(std::move(first)), why(reason), began(has_begun) {}

  net::EventLoop& loop;
  Downstream* client;  // null: stopped
  AnswerHead head;
  std::string_view why;
  bool began = false;
  bool writing = false;
  net::Cancellation rest;
  net::Signal* written = nullptr;  // of who waits for the comment under way
};

Heartbeat::~Heartbeat() {
  if (!beat_) return;
  beat_->client = nullptr;
  beat_->rest.request();
}

// Of the others it is known that their clients take a line that is no data for an error, or have no lines.
bool Heartbeat::suits(std::string_view format) {
  return format == "openai" || format == "anthropic" || format == "responses";
}

void Heartbeat::start(AnswerHead head, std::string_view why) {
  if (beat_) return;
  beat_ = std::make_shared<Beat>(loop_, client_, std::move(head), why, began_);
  net::spawn(run(beat_));
}

void Heartbeat::go_on(std::string_view why) {
  if (beat_) return;
  beat_ = std::make_shared<Beat>(loop_, client_, AnswerHead{}, why, true);
  net::spawn(run(beat_));
}

net::Task<void> Heartbeat::run(std::shared_ptr<Beat> beat) {
  for (;;) {
    co_await beat->loop.sleep(between_ms, &beat->rest);
    if (beat->client == nullptr) co_return;
    if (beat->writing) continue;  // an event says as much
    if (!beat->began) {
      beat->began = true;
      beat->client->begin(beat->head);
    }
    const std::string comment = std::string(": ").append(beat->why).append("\n\n");
    beat->writing = true;
    const auto written = co_await beat->client->write(comment);
    beat->writing = false;
    if (beat->written != nullptr) beat->written->fire();
    if (!written || beat->client == nullptr) co_return;
  }
}

net::Task<Status> Heartbeat::say(std::string_view events) {
  co_await until_written();
  const auto beat = beat_;
  if (!beat->began) {
    beat->began = true;
    client_.begin(beat->head);
  }
  beat->writing = true;
  auto written = co_await client_.write(events);
  beat->writing = false;
  if (beat->written != nullptr) beat->written->fire();
  co_return written;
}

net::Task<void> Heartbeat::until_written() {
  const auto beat = beat_;
  if (!beat || !beat->writing) co_return;
  net::Signal written(loop_, {});
  beat->written = &written;
  co_await written;
  beat->written = nullptr;
}

net::Task<void> Heartbeat::stop() {
  if (!beat_) co_return;
  co_await until_written();
  const auto beat = std::move(beat_);
  beat_.reset();
  began_ = began_ || beat->began;
  beat->client = nullptr;
  beat->rest.request();
}

bool Heartbeat::began() const { return began_ || (beat_ && beat_->began); }

}  // namespace weir
