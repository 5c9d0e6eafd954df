#include "pipeline/race.h"

#include <utility>

namespace weir {
namespace {

tl::unexpected<Error> nobody_listens() { return failure(ErrorCode::client_gone, "Another candidate answers."); }

}  // namespace

net::Task<void> Race::news(int64_t until_us) {
  if (std::exchange(news_, false)) co_return;
  net::Signal signal(loop_, {.deadline_us = until_us});
  waiting_ = &signal;
  co_await signal;
  waiting_ = nullptr;
  news_ = false;
}

// Not at once: whoever says so is in the middle of something.
void Race::happened() {
  news_ = true;
  if (auto* const signal = std::exchange(waiting_, nullptr)) signal->complete_later(net::Outcome::ready);
}

Lane::Lane(Race& race, Downstream& client) : race_(race), client_(client), cancellation_(client.cancellation()) {
  race.lanes_.push_back(this);
}

void Lane::ended(std::optional<Error> error) {
  error_ = std::move(error);
  runs_ = false;
  race_.happened();
}

bool Lane::claim() {
  if (race_.winner_ != nullptr) return won();
  race_.winner_ = this;
  for (auto* const other : race_.lanes_) {
    if (other != this) other->cancellation_.request();
  }
  race_.happened();
  return true;
}

net::Task<Status> Lane::respond(const AnswerHead& head, std::string_view body) {
  if (!claim()) co_return nobody_listens();
  co_return co_await client_.respond(head, body);
}

void Lane::begin(const AnswerHead& head) {
  if (claim()) client_.begin(head);
}

net::Task<Status> Lane::write(std::string_view bytes) {
  if (!claim()) co_return nobody_listens();
  co_return co_await client_.write(bytes);
}

net::Task<Status> Lane::end() {
  if (!claim()) co_return nobody_listens();
  co_return co_await client_.end();
}

}  // namespace weir
