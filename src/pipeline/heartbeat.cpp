#include "pipeline/heartbeat.h"

namespace weir {
namespace {

constexpr int64_t between_ms = 10'000;

}  // namespace

// Shared with its coroutine, which may find that its owner is gone.
struct Heartbeat::Beat {
  net::EventLoop& loop;
  Downstream* client;  // null: stopped
  AnswerHead head;
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

void Heartbeat::start(AnswerHead head) {
  if (beat_ || began_) return;
  beat_ = std::make_shared<Beat>(loop_, &client_, std::move(head));
  net::spawn(run(beat_));
}

net::Task<void> Heartbeat::run(std::shared_ptr<Beat> beat) {
  for (;;) {
    co_await beat->loop.sleep(between_ms, &beat->rest);
    if (beat->client == nullptr) co_return;
    if (!beat->began) {
      beat->began = true;
      beat->client->begin(beat->head);
    }
    beat->writing = true;
    const auto written = co_await beat->client->write(": held back until it is judged\n\n");
    beat->writing = false;
    if (beat->written != nullptr) beat->written->fire();
    if (!written || beat->client == nullptr) co_return;
  }
}

net::Task<void> Heartbeat::stop() {
  if (!beat_) co_return;
  const auto beat = std::move(beat_);
  beat_.reset();
  if (beat->writing) {
    net::Signal written(loop_, {});
    beat->written = &written;
    co_await written;
    beat->written = nullptr;
  }
  began_ = beat->began;
  beat->client = nullptr;
  beat->rest.request();
}

bool Heartbeat::began() const { return began_ || (beat_ && beat_->began); }

}  // namespace weir
