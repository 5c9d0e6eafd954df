#include "trials/arm_summary.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/experiment_settings.h"

namespace weir {
namespace {

constexpr double alpha = 0.05;
constexpr double dollar = 1'000'000;

void append_interval(json::Writer& out, std::string_view name, double mean, experiments::Interval interval) {
  out.key(name).begin_object();
  out.key("mean").value(mean);
  out.key("low").value(interval.low);
  out.key("high").value(interval.high);
  out.end_object();
}

// Nobody need say anything: then there is no mean.
void append_feedback(json::Writer& out, const ArmSummary& arm) {
  if (arm.feedback.count() == 0) {
    out.key("feedback").null();
    return;
  }
  const auto interval = arm.feedback.interval(alpha);
  out.key("feedback").begin_object();
  out.key("count").value(arm.feedback.count());
  out.key("mean").value(arm.feedback.mean());
  out.key("low").value(interval.low);
  out.key("high").value(interval.high);
  out.end_object();
}

bool have_feedback(const ArmSummary& a, const ArmSummary& b) {
  return a.feedback.count() > 0 && b.feedback.count() > 0;
}

// The arm that `last` is compared with: the first other one that has answers.
const ArmSummaries::value_type* other_than(const ArmSummaries& arms, std::string_view last) {
  const auto found = std::find_if(arms.begin(), arms.end(), [&](const auto& one) { return one.first != last; });
  return found == arms.end() ? nullptr : &*found;
}

}  // namespace

void ArmSummary::add(const ArmOutcome& one, std::optional<double> said) {
  if (said) feedback.add(*said);
  errors.add(one.ok ? 0 : 1);
  cost.add(static_cast<double>(one.cost) / dollar);
  if (!one.ok) return;
  if (one.score >= 0) quality.add(of_whole(one.score));
  time_ms.add(static_cast<double>(one.duration_us) / 1'000);
  log_time.add(std::log(static_cast<double>(std::max<int64_t>(one.duration_us, 1))));
}

void append_json(json::Writer& out, const ArmSummaries& arms, std::string_view last) {
  out.key("arms").begin_array();
  for (const auto& [name, arm] : arms) {
    out.begin_object();
    out.key("arm").value(name);
    out.key("answers").value(arm.errors.count());
    append_interval(out, "quality", arm.quality.mean(), arm.quality.interval(alpha));
    append_interval(out, "errors", arm.errors.mean(), arm.errors.interval(alpha));
    append_feedback(out, arm);
    out.key("cost_usd").value(arm.cost.mean());
    if (const auto median = arm.time_ms.value()) {
      out.key("time_ms").value(*median);
    } else {
      out.key("time_ms").null();
    }
    out.end_object();
  }
  out.end_array();
  const auto mine = arms.find(std::string(last));
  const auto* const other = other_than(arms, last);
  if (mine == arms.end() || other == nullptr) return;
  const auto& a = mine->second;
  const auto& b = other->second;
  out.key("difference").begin_object();
  out.key("arm").value(mine->first);
  out.key("against").value(other->first);
  append_interval(out, "quality", a.quality.mean() - b.quality.mean(), difference(a.quality, b.quality, alpha));
  append_interval(out, "errors", a.errors.mean() - b.errors.mean(), difference(a.errors, b.errors, alpha));
  if (have_feedback(a, b)) {
    append_interval(out, "feedback", a.feedback.mean() - b.feedback.mean(), difference(a.feedback, b.feedback, alpha));
  } else {
    out.key("feedback").null();
  }
  if (const auto cost = difference(a.cost, b.cost, alpha)) {
    append_interval(out, "cost_usd", a.cost.mean() - b.cost.mean(), *cost);
  } else {
    out.key("cost_usd").null();
  }
  if (const auto time = difference(a.log_time, b.log_time, alpha)) {
    append_interval(out, "time_ratio", std::exp(a.log_time.mean() - b.log_time.mean()),
                    {std::exp(time->low), std::exp(time->high)});
  } else {
    out.key("time_ratio").null();
  }
  out.end_object();
}

std::string to_text(const ArmSummaries& arms, std::string_view last, std::string_view indent) {
  std::string out;
  const auto line = [&](std::string_view text) { out.append(indent).append(text).append("\n"); };
  for (const auto& [name, arm] : arms) {
    line(fmt::format("{}: {} answers, quality {:.3f}, {:.1f} % errors, {:.6f} $ each, {:.0f} ms", name,
                     arm.errors.count(), arm.quality.mean(), arm.errors.mean() * 100, arm.cost.mean(),
                     arm.time_ms.value().value_or(0)));
    if (arm.feedback.count() > 0) {
      line(fmt::format("  feedback {:.3f} on {} of them", arm.feedback.mean(), arm.feedback.count()));
    }
  }
  const auto mine = arms.find(std::string(last));
  const auto* const other = other_than(arms, last);
  if (mine == arms.end() || other == nullptr) return out;
  const auto& a = mine->second;
  const auto& b = other->second;
  const auto quality = difference(a.quality, b.quality, alpha);
  const auto errors = difference(a.errors, b.errors, alpha);
  line(fmt::format("{} less {}:", mine->first, other->first));
  line(fmt::format("  quality  {:+.3f} [{:+.3f}, {:+.3f}]", a.quality.mean() - b.quality.mean(), quality.low,
                   quality.high));
  line(fmt::format("  errors   {:+.1f} % [{:+.1f}, {:+.1f}]", (a.errors.mean() - b.errors.mean()) * 100,
                   errors.low * 100, errors.high * 100));
  if (have_feedback(a, b)) {
    const auto feedback = difference(a.feedback, b.feedback, alpha);
    line(fmt::format("  feedback {:+.3f} [{:+.3f}, {:+.3f}]", a.feedback.mean() - b.feedback.mean(), feedback.low,
                     feedback.high));
  }
  if (const auto cost = difference(a.cost, b.cost, alpha)) {
    line(fmt::format("  cost     {:+.6f} $ [{:+.6f}, {:+.6f}]", a.cost.mean() - b.cost.mean(), cost->low, cost->high));
  }
  if (const auto time = difference(a.log_time, b.log_time, alpha)) {
    line(fmt::format("  time     {:.2f} times [{:.2f}, {:.2f}]", std::exp(a.log_time.mean() - b.log_time.mean()),
                     std::exp(time->low), std::exp(time->high)));
  }
  return out;
}

}  // namespace weir
