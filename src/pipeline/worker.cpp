#include "pipeline/worker.h"

#include <algorithm>
#include <ctime>

#include "core/wildcard.h"
#include "pipeline/cascade_memory.h"

namespace weir {
namespace {

constexpr std::size_t max_plans = 4096;
constexpr std::size_t max_named = 32;

uint64_t mixed(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 1099511628211ULL;
  return hash ^ hash >> 29U;
}

// FNV-1a over everything that to_json and reason_line show of a plan that refuses nobody.
// Requests that began before a reload end with the snapshot they began with, so it counts too.
uint64_t fingerprint(const Plan& plan, const Snapshot& snapshot) {
  uint64_t hash = mixed(14695981039346656037ULL, snapshot.version);
  const auto mix = [&](uint64_t value) { hash = mixed(hash, value); };
  mix(plan.route ? *plan.route + 1 : 0);
  mix(plan.classes);
  mix(plan.unreadable);
  mix(static_cast<uint64_t>(plan.use_rule));
  for (const auto rule : plan.matched_rules) mix(static_cast<uint64_t>(rule));
  for (const auto& narrowing : plan.narrowed_by) {
    mix(static_cast<uint64_t>(narrowing.route) << 16U | static_cast<uint16_t>(narrowing.rule));
    mix(narrowing.classes);
  }
  for (const auto& candidate : plan.candidates) {
    mix(candidate.model);
    mix(static_cast<uint64_t>(candidate.verdict) << 32U | static_cast<uint16_t>(candidate.rule));
    mix(candidate.classes);
    mix(candidate.elsewhere ? 1 : 0);
    mix(candidate.redact);
    mix(static_cast<uint64_t>(candidate.redact_route) << 16U | static_cast<uint16_t>(candidate.redact_rule));
    // These say how long the prompt is.
    const bool by_length = candidate.verdict == Verdict::context || candidate.verdict == Verdict::tight;
    if (by_length) mix(static_cast<uint64_t>(plan.input_tokens));
  }
  return hash;
}

}  // namespace

Worker::Worker(net::EventLoop& event_loop, Dialer& dialer, const KeyRing& ring, Writer& ledger_writer,
               MetricsShard& shard, Logger logger, uint16_t number)
    : loop(event_loop),
      pool(event_loop, dialer),
      keys(ring),
      ledger(ledger_writer),
      blank_entries(ledger_writer),
      metrics(shard),
      log(std::move(logger)),
      ids(number),
      random(std::random_device{}()),
      cascades(std::make_shared<CascadeMemory>()) {}

std::shared_ptr<const std::string> Worker::plan_json(const Plan& plan, const Snapshot& snapshot) {
  // What a refusal says may be of this request alone.
  if (plan.kept() == 0) return std::make_shared<const std::string>(to_json(plan, snapshot));
  auto& known = plans_[fingerprint(plan, snapshot)];
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

const Worker::Answer& Worker::answer(const Plan& plan, const Snapshot& snapshot, uint32_t chosen,
                                     std::size_t attempts) {
  if (answers_.size() > max_plans) answers_.clear();
  auto& known = answers_[mixed(mixed(fingerprint(plan, snapshot), chosen), attempts)];
  if (known.reason.empty()) {
    const auto& model = snapshot.models[chosen];
    const auto& provider = snapshot.providers[model.provider];
    known.reason = reason_line(plan, snapshot, chosen, static_cast<int>(attempts));
    append_answer_fields(known.fields, {.model = model.id,
                                        .zone = to_string(zone_of_model(plan, chosen, snapshot)),
                                        .reason = known.reason,
                                        .attempts = attempts,
                                        .sandbox = provider.adapter == "sandbox"});
  }
  return known;
}

void append_answer_fields(std::string& out, const AnswerFacts& facts) {
  const auto add = [&](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  add("x-weir-model", facts.model.empty() ? "none" : facts.model);
  add("x-weir-zone", facts.zone.empty() ? "none" : facts.zone);
  add("x-weir-reason", facts.reason.empty() ? "not decided" : facts.reason);
  add("x-weir-attempts", fmt::format_int(facts.attempts).c_str());
  if (facts.sandbox) add("x-weir-sandbox", "true");
}

std::shared_ptr<const Snapshot> Worker::named_model(const Deployment& of, std::string_view name) {
  const auto known = std::find_if(named_.begin(), named_.end(), [&](const auto& one) { return one.first == name; });
  if (known != named_.end() && of.snapshot == deployment->snapshot) {
    std::rotate(named_.begin(), known, known + 1);
    return named_.front().second;
  }
  auto named = with_named_model(*of.snapshot, name);
  if (!named) return nullptr;
  // The ledger holds no private data: what a guard would find goes by the wildcard's id.
  const auto index = find_model(*named, name);
  if (index && of.guards.classify({name}) != 0) named->models[*index].id = of.snapshot->models[*index].id;
  // Plans of two names are not the same, though their indices are.
  constexpr unsigned above_reloads = 32;
  named->version += ++named_count_ << above_reloads;
  if (of.snapshot == deployment->snapshot) {
    if (named_.size() == max_named) named_.pop_back();
    named_.emplace(named_.begin(), std::string(name), named);
  }
  return named;
}

void Worker::deploy(std::shared_ptr<const Deployment> next) {
  loop.post([this, next = std::move(next)]() mutable {
    deployment = std::move(next);
    plans_.clear();  // indices in plans mean something else now
    answers_.clear();
    named_.clear();
  });
}

int64_t wall_clock_us() {
  timespec ts{};
  clock_gettime(CLOCK_REALTIME, &ts);
  return int64_t{ts.tv_sec} * 1'000'000 + ts.tv_nsec / 1000;
}

}  // namespace weir
