// Measurement: what a running model server did under load, level by level, as `weir bench-model` records it and `weir
// plan size` reads it. Values, and their JSON. Pure; safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace weir::plan {

struct MeasuredLevel {
  int64_t concurrency = 0;  // requests in flight
  int64_t requests = 0;     // answered
  int64_t failed = 0;
  int64_t input_tokens = 0;  // of all answered requests
  int64_t output_tokens = 0;
  bool estimated = false;          // tokens counted from chunks: the server did not say
  double seconds = 0;              // from the first request to the last answer
  double tokens_per_s = 0;         // output tokens of all streams together
  double stream_tokens_per_s = 0;  // of one stream while it decodes: the median
  double ttft_p50_ms = 0;
  double ttft_p95_ms = 0;
  double latency_p50_ms = 0;
  double latency_p95_ms = 0;
};

struct Measurement {
  std::string model;
  std::string url;
  std::string at;             // UTC, ISO 8601
  std::string gpu;            // id in the catalog; "" = not said
  int64_t prompt_tokens = 0;  // asked for
  int64_t output_tokens = 0;
  std::vector<MeasuredLevel> levels;

  [[nodiscard]] const MeasuredLevel* at_concurrency(int64_t concurrency) const;  // nullptr when there is none
};

// One request as it went, for `summarise`. Microseconds since the level began; 0 output tokens = it failed.
struct Sample {
  int64_t begin_us = 0;
  int64_t first_token_us = 0;
  int64_t end_us = 0;
  int64_t input_tokens = 0;
  int64_t output_tokens = 0;
  bool estimated = false;
};
[[nodiscard]] MeasuredLevel summarise(int64_t concurrency, const std::vector<Sample>& samples);

[[nodiscard]] std::string to_json(const Measurement& measurement);
[[nodiscard]] Result<Measurement> parse_measurement(std::string_view json);
// The name of its file: what follows the last slash; everything but letters, digits, `.`, `-` and `_` becomes `_`.
[[nodiscard]] std::string measurement_file(std::string_view model);

}  // namespace weir::plan
