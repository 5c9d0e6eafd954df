#include "economics/sizing/measurement.h"

#include <algorithm>
#include <cmath>

#include "core/json.h"

namespace weir::plan {
namespace {

// The nearest rank: the smallest value that at least this share of all are not above.
double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
  return values[std::max<std::size_t>(rank, 1) - 1];
}

double ms(int64_t from_us, int64_t to_us) { return static_cast<double>(to_us - from_us) / 1000; }

void write_level(json::Writer& out, const MeasuredLevel& level) {
  out.begin_object();
  out.key("concurrency").value(level.concurrency);
  out.key("requests").value(level.requests);
  out.key("failed").value(level.failed);
  out.key("input_tokens").value(level.input_tokens);
  out.key("output_tokens").value(level.output_tokens);
  out.key("estimated").boolean(level.estimated);
  out.key("seconds").value(level.seconds);
  out.key("tokens_per_s").value(level.tokens_per_s);
  out.key("tokens_per_s_per_stream").value(level.stream_tokens_per_s);
  out.key("ttft_ms")
      .begin_object()
      .key("p50")
      .value(level.ttft_p50_ms)
      .key("p95")
      .value(level.ttft_p95_ms)
      .end_object();
  out.key("latency_ms").begin_object();
  out.key("p50").value(level.latency_p50_ms).key("p95").value(level.latency_p95_ms);
  out.end_object().end_object();
}

double number_in(const json::Element& element, std::string_view key) {
  double value = 0;
  return element[key].get(value) == simdjson::SUCCESS && std::isfinite(value) && value >= 0 ? value : 0;
}

MeasuredLevel read_level(const json::Element& element) {
  MeasuredLevel level;
  json::Object object;
  if (element.get(object) != simdjson::SUCCESS) return level;
  level.concurrency = json::int_or(object, "concurrency");
  level.requests = json::int_or(object, "requests");
  level.failed = json::int_or(object, "failed");
  level.input_tokens = json::int_or(object, "input_tokens");
  level.output_tokens = json::int_or(object, "output_tokens");
  json::read_if(object["estimated"], level.estimated);
  level.seconds = number_in(element, "seconds");
  level.tokens_per_s = number_in(element, "tokens_per_s");
  level.stream_tokens_per_s = number_in(element, "tokens_per_s_per_stream");
  json::Element inner;
  if (object["ttft_ms"].get(inner) == simdjson::SUCCESS) {
    level.ttft_p50_ms = number_in(inner, "p50");
    level.ttft_p95_ms = number_in(inner, "p95");
  }
  if (object["latency_ms"].get(inner) == simdjson::SUCCESS) {
    level.latency_p50_ms = number_in(inner, "p50");
    level.latency_p95_ms = number_in(inner, "p95");
  }
  return level;
}

}  // namespace

const MeasuredLevel* Measurement::at_concurrency(int64_t concurrency) const {
  for (const auto& level : levels) {
    if (level.concurrency == concurrency) return &level;
  }
  return nullptr;
}

MeasuredLevel summarise(int64_t concurrency, const std::vector<Sample>& samples) {
  MeasuredLevel level{.concurrency = concurrency};
  std::vector<double> first;
  std::vector<double> latency;
  std::vector<double> stream;
  int64_t begin = INT64_MAX;
  int64_t end = 0;
  for (const auto& sample : samples) {
    if (sample.output_tokens == 0) {
      ++level.failed;
      continue;
    }
    ++level.requests;
    level.input_tokens += sample.input_tokens;
    level.output_tokens += sample.output_tokens;
    level.estimated = level.estimated || sample.estimated;
    begin = std::min(begin, sample.begin_us);
    end = std::max(end, sample.end_us);
    first.push_back(ms(sample.begin_us, sample.first_token_us));
    latency.push_back(ms(sample.begin_us, sample.end_us));
    // The first token ends the prompt; the others are decoded in the time after it.
    if (sample.output_tokens > 1 && sample.end_us > sample.first_token_us) {
      stream.push_back(static_cast<double>(sample.output_tokens - 1) * 1e6 /
                       static_cast<double>(sample.end_us - sample.first_token_us));
    }
  }
  if (level.requests == 0) return level;
  level.seconds = static_cast<double>(std::max<int64_t>(end - begin, 1)) / 1e6;
  level.tokens_per_s = static_cast<double>(level.output_tokens) / level.seconds;
  level.stream_tokens_per_s = percentile(stream, 0.5);
  level.ttft_p50_ms = percentile(first, 0.5);
  level.ttft_p95_ms = percentile(first, 0.95);
  level.latency_p50_ms = percentile(latency, 0.5);
  level.latency_p95_ms = percentile(latency, 0.95);
  return level;
}

std::string to_json(const Measurement& measurement) {
  std::string text;
  json::Writer out(text);
  out.begin_object();
  out.key("model").value(measurement.model);
  out.key("url").value(measurement.url);
  out.key("measured_at").value(measurement.at);
  if (!measurement.gpu.empty()) out.key("gpu").value(measurement.gpu);
  out.key("prompt_tokens").value(measurement.prompt_tokens);
  out.key("output_tokens").value(measurement.output_tokens);
  out.key("levels").begin_array();
  for (const auto& level : measurement.levels) write_level(out, level);
  out.end_array().end_object();
  return text;
}

Result<Measurement> parse_measurement(std::string_view text) {
  json::Document document;
  if (const auto parsed = document.parse_copy(text); !parsed) return failure(parsed.error());
  json::Object object;
  json::Array levels;
  if (document.root().get(object) != simdjson::SUCCESS || object["levels"].get(levels) != simdjson::SUCCESS) {
    return failure(ErrorCode::invalid_request, "it is no measurement: it has no `levels`");
  }
  Measurement measurement;
  measurement.model = json::string_or(object, "model");
  measurement.url = json::string_or(object, "url");
  measurement.at = json::string_or(object, "measured_at");
  measurement.gpu = json::string_or(object, "gpu");
  measurement.prompt_tokens = json::int_or(object, "prompt_tokens");
  measurement.output_tokens = json::int_or(object, "output_tokens");
  for (const auto level : levels) {
    auto read = read_level(level);
    if (read.concurrency < 1 || read.tokens_per_s <= 0) {
      return failure(ErrorCode::invalid_request, "each of `levels` needs a `concurrency` and `tokens_per_s` above 0");
    }
    measurement.levels.push_back(read);
  }
  return measurement;
}

std::string measurement_file(std::string_view model) {
  std::string name;
  for (const char c : model.substr(model.rfind('/') + 1)) {  // without the publisher, or the folder
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    name += plain ? c : '_';
  }
  constexpr std::size_t longest = 200;
  if (name.empty() || name.front() == '.') name.insert(0, 1, '_');
  return name.substr(0, longest) + ".json";
}

}  // namespace weir::plan
