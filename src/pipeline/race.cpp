#include "pipeline/race.h"

#include <utility>

namespace weir {
namespace {

tl::unexpected<Error> nobody_listens() { return failure(ErrorCode::client_gone, "Another candidate answers."); }

}  // namespace

net::Task<void> Race::wait_until(int64_t us) {
  if (std::exchange(news_, false)) co_return;
  net::Signal signal(loop_, {.deadline_us = us});
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

void Lane::ended(std::optional<Error> error) {
  error_ = std::move(error);
  over_ = true;
  race_.happened();
}

bool Lane::claim() {
  if (race_.winner_ == nullptr) {
    race_.winner_ = this;
    race_.happened();
  }
  return race_.winner_ == this;
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
