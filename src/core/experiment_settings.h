// What the config says of an experiment: two models side by side on one route. A dial (dial_settings.h) brings one of
// its own, of kind `dial`, which asks both models of a part of its requests. Shares are parts per million. Model
// indices refer to the Snapshot. Values.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

enum class ExperimentKind : uint8_t { shadow, ab, canary, dial };
enum class StickTo : uint8_t { caller, tag, conversation };

constexpr int64_t whole_share = 1'000'000;
// A share or a score, 0 to 1, as the parts per million that are kept of it; and back.
[[nodiscard]] inline int64_t to_parts(double share) {
  return std::llround(std::clamp(share, 0.0, 1.0) * static_cast<double>(whole_share));
}
[[nodiscard]] constexpr double of_whole(int64_t parts) {
  return static_cast<double>(parts) / static_cast<double>(whole_share);
}

struct ExperimentSettings {
  std::string name;
  ExperimentKind kind = ExperimentKind::shadow;
  std::string route;
  // shadow, canary: the model in question. ab: the first arm's, then the second's. dial: the local model, then the
  // large.
  std::vector<uint32_t> models;
  int64_t share = whole_share / 2;  // ab: of the second arm
  StickTo sticky = StickTo::caller;
  int64_t sample = whole_share / 10;  // shadow, dial: of the answers that are compared
  std::string judge = "structural";
  int64_t margin = 50'000;      // of the score
  int64_t slower = 150;         // canary: hundredths of the others' time
  std::vector<int64_t> steps;   // canary: shares, rising; empty = the usual
  int64_t until_us = 0;         // nothing happens from then on; 0 = no end
  bool keep_answers = false;    // both answers and the question, to be judged by hand
  bool keep_sensitive = false;  // also of requests whose class made a rule narrow the zones
  int64_t keep_ms = 14LL * 24 * 3'600'000;
  int64_t at_once = 4;       // copies that are asked at the same time
  int64_t per_minute = 120;  // copies
};

[[nodiscard]] constexpr std::string_view to_string(ExperimentKind kind) {
  constexpr std::string_view names[] = {"shadow", "ab", "canary", "dial"};
  return names[static_cast<std::size_t>(kind)];
}

}  // namespace weir
