#include "pipeline/worker.h"

#include <ctime>

namespace weir {
namespace {

constexpr std::size_t max_plans = 4096;

// FNV-1a over everything that to_json shows.
uint64_t fingerprint(const Plan& plan) {
  uint64_t hash = 14695981039346656037ULL;
  const auto mix = [&](uint64_t value) {
    hash = (hash ^ value) * 1099511628211ULL;
    hash ^= hash >> 29U;
  };
  mix(plan.route ? *plan.route + 1 : 0);
  mix(plan.classes);
  mix(static_cast<uint64_t>(plan.use_rule));
  for (const auto rule : plan.matched_rules) mix(static_cast<uint64_t>(rule));
  for (const auto& candidate : plan.candidates) {
    mix(candidate.model);
    mix(static_cast<uint64_t>(candidate.verdict) << 32U | static_cast<uint16_t>(candidate.rule));
    mix(candidate.classes);
  }
  return hash;
}

}  // namespace

std::shared_ptr<const std::string> Worker::plan_json(const Plan& plan, const Snapshot& snapshot) {
  auto& known = plans_[fingerprint(plan)];
  if (!known) {
    known = std::make_shared<const std::string>(to_json(plan, snapshot));
    if (plans_.size() > max_plans) {
      auto kept = known;
      plans_.clear();
      return kept;
    }
  }
  return known;
}

void Worker::deploy(std::shared_ptr<const Deployment> next) {
  loop.post([this, next = std::move(next)]() mutable {
    deployment = std::move(next);
    plans_.clear();  // indices in plans mean something else now
  });
}

int64_t wall_clock_us() {
  timespec ts{};
  clock_gettime(CLOCK_REALTIME, &ts);
  return int64_t{ts.tv_sec} * 1'000'000 + ts.tv_nsec / 1000;
}

}  // namespace weir
