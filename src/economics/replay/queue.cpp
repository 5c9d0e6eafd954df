#include "economics/replay/queue.h"

#include <algorithm>

#include "core/slot_rules.h"

namespace weir::plan {
namespace {

// For std::push_heap, which keeps the greatest in front: the greatest is what happens first.
bool later(const Agenda::Event& a, const Agenda::Event& b) {
  return a.time_us != b.time_us ? a.time_us > b.time_us : a.order > b.order;
}

}  // namespace

Station::Entered Station::enter(JobId job, CallerId caller) {
  if (has_free()) {
    ++held_;
    return Entered::served;
  }
  if (waiting_ >= settings_.waiting_limit) return Entered::full;
  push(job, caller);
  ++waiting_;
  return Entered::queued;
}

void Station::leave(JobId job) {
  unlink(job);
  --waiting_;
}

std::optional<JobId> Station::release(int64_t used_us) {
  average_use_us_ = next_average_use_us(average_use_us_, used_us);
  if (waiting_ == 0) {
    --held_;
    return std::nullopt;
  }
  const JobId job = callers_[turn_].first;
  turn_ = callers_[turn_].next;  // the caller that comes next; unlink sees to it when this was the last one
  leave(job);
  return job;
}

int64_t Station::expected_wait_ms() const {
  return has_free() ? 0 : expected_slot_wait_ms(waiting_, settings_.slots, average_use_us_);
}

void Station::push(JobId job, CallerId caller) {
  if (job >= places_.size()) places_.resize(std::max<std::size_t>(job + std::size_t{1}, 2 * places_.size()));
  if (caller >= callers_.size()) callers_.resize(std::max<std::size_t>(caller + std::size_t{1}, 2 * callers_.size()));
  Caller& queue = callers_[caller];
  if (queue.first == none) {
    if (turn_ == none) {
      queue.previous = queue.next = turn_ = caller;
    } else {  // at the end of the ring: just before whose turn it is
      queue.next = turn_;
      queue.previous = callers_[turn_].previous;
      callers_[queue.previous].next = caller;
      callers_[turn_].previous = caller;
    }
  }
  places_[job] = {.previous = queue.last, .next = none, .caller = caller};
  (queue.last != none ? places_[queue.last].next : queue.first) = job;
  queue.last = job;
}

void Station::unlink(JobId job) {
  const Place place = places_[job];
  Caller& queue = callers_[place.caller];
  (place.previous != none ? places_[place.previous].next : queue.first) = place.next;
  (place.next != none ? places_[place.next].previous : queue.last) = place.previous;
  if (queue.first != none) return;
  if (queue.next == place.caller) {
    turn_ = none;
  } else {
    callers_[queue.next].previous = queue.previous;
    callers_[queue.previous].next = queue.next;
    if (turn_ == place.caller) turn_ = queue.next;
  }
  queue = {};
}

void Agenda::note(int64_t time_us, What what, JobId job, uint64_t stamp) {
  heap_.push_back({.time_us = time_us, .order = notes_++, .stamp = stamp, .job = job, .what = what});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

std::optional<Agenda::Event> Agenda::next_until(int64_t time_us) {
  if (heap_.empty() || heap_.front().time_us > time_us) return std::nullopt;
  std::pop_heap(heap_.begin(), heap_.end(), later);
  const Event event = heap_.back();
  heap_.pop_back();
  return event;
}

QueueResult simulate_queue(const QueueSettings& settings, std::span<const QueuedJob> jobs) {
  constexpr uint64_t waits = 0;
  constexpr uint64_t is_served = 1;
  Station station(settings.station);
  Agenda agenda;
  QueueResult result;
  result.waits_us.resize(jobs.size(), QueueResult::refused);
  std::vector<uint64_t> stamps(jobs.size(), waits);
  const auto serve = [&](JobId job, int64_t now_us) {
    stamps[job] = is_served;
    result.waits_us[job] = now_us - jobs[job].arrival_us;
    agenda.note(now_us + jobs[job].service_us, Agenda::What::end_of_service, job, is_served);
  };
  const auto run_until = [&](int64_t time_us) {
    while (const auto event = agenda.next_until(time_us)) {
      if (event->stamp != stamps[event->job]) continue;
      if (event->what == Agenda::What::end_of_service) {
        if (const auto next = station.release(jobs[event->job].service_us)) serve(*next, event->time_us);
      } else {
        station.leave(event->job);
        result.waits_us[event->job] = QueueResult::gave_up;
      }
    }
  };
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const auto& job = jobs[i];
    const auto id = static_cast<JobId>(i);
    run_until(job.arrival_us);
    const auto entered = station.enter(id, job.caller);
    if (entered == Station::Entered::served) serve(id, job.arrival_us);
    if (entered == Station::Entered::queued && settings.patience_us != INT64_MAX) {
      agenda.note(job.arrival_us + settings.patience_us, Agenda::What::end_of_patience, id, waits);
    }
  }
  run_until(INT64_MAX);
  return result;
}

}  // namespace weir::plan
