#include "telemetry/metrics.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

namespace weir {
namespace {

// A reader of the text format as strict as Prometheus's own: name{labels} value, HELP and TYPE once and before the
// samples, no series twice. Throws what is wrong.
class Scrape {
 public:
  explicit Scrape(const std::string& text) {
    EXPECT_TRUE(text.ends_with('\n'));
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = text.find('\n', begin);
      line(text.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  // The value of `series`, written as in the exposition; nullopt when it is not there.
  [[nodiscard]] std::optional<double> value(const std::string& series) const {
    const auto found = samples_.find(series);
    return found == samples_.end() ? std::nullopt : std::optional(found->second);
  }
  // The sum over all series of a metric.
  [[nodiscard]] double sum(const std::string& name) const {
    double all = 0;
    for (const auto& [series, value] : samples_) {
      if (series == name || series.starts_with(name + "{")) all += value;
    }
    return all;
  }
  [[nodiscard]] std::size_t series(const std::string& name) const {
    return static_cast<std::size_t>(std::count_if(samples_.begin(), samples_.end(), [&](const auto& sample) {
      return sample.first == name || sample.first.starts_with(name + "{");
    }));
  }
  [[nodiscard]] const std::map<std::string, double>& samples() const { return samples_; }

 private:
  void line(const std::string& text) {
    if (text.starts_with("# TYPE ")) {
      const std::string name = text.substr(7, text.find(' ', 7) - 7);
      EXPECT_TRUE(types_.insert(name).second) << "typed twice: " << name;
      return;
    }
    if (text.starts_with('#')) return;
    const std::size_t space = text.rfind(' ');
    ASSERT_NE(space, std::string::npos) << text;
    const std::string series = text.substr(0, space);
    std::string name = series.substr(0, series.find('{'));
    for (const char* suffix : {"_bucket", "_sum", "_count"}) {
      if (name.ends_with(suffix)) {
        const std::string base = name.substr(0, name.size() - std::string_view(suffix).size());
        if (types_.contains(base)) name = base;
      }
    }
    EXPECT_TRUE(types_.contains(name)) << "no TYPE before " << text;
    std::size_t read = 0;
    const double number = std::stod(text.substr(space + 1), &read);
    EXPECT_EQ(read, text.size() - space - 1) << text;
    EXPECT_TRUE(samples_.emplace(series, number).second) << "twice: " << series;
  }
  std::set<std::string> types_;
  std::map<std::string, double> samples_;
};

Snapshot snapshot_of(std::vector<std::string> routes, std::vector<std::string> models) {
  Snapshot snapshot;
  snapshot.providers.push_back({.id = "gpu1", .kind = "vllm", .zone = {.kind = ZoneKind::local}});
  for (auto& id : models) snapshot.models.push_back({.id = id, .provider = 0, .name = "vendor/" + id});
  for (auto& name : routes) snapshot.routes.push_back({.name = name});
  return snapshot;
}

TEST(metrics, a_request_is_counted_by_route_model_zone_and_outcome) {
  Metrics metrics({.shards = 1, .version = "1.2.3"});
  const MetricLabels labels = metrics.bind(snapshot_of({"assistant"}, {"small"}));
  metrics.shard(0).request({.route = labels.routes[0],
                            .model = labels.models[0],
                            .duration_us = 15'000,
                            .first_token_us = 3'000,
                            .cost = 250,
                            .baseline_cost = 1'000});
  metrics.shard(0).request({.route = labels.routes[0], .error = ErrorCode::no_target, .duration_us = 100});
  const Scrape scrape(metrics.expose({}));
  EXPECT_EQ(scrape.value(
                R"(weir_requests_total{route="assistant",model="small",zone="local",operation="chat",outcome="ok"})"),
            1);
  EXPECT_EQ(scrape.value(R"(weir_requests_total{route="assistant",operation="chat",outcome="no_target"})"), 1);
  EXPECT_EQ(scrape.value(R"(weir_cost_micro_dollars_total{route="assistant",model="small",zone="local"})"), 250);
  EXPECT_EQ(scrape.value(R"(weir_baseline_micro_dollars_total{route="assistant",model="small",zone="local"})"), 1'000);
  EXPECT_EQ(scrape.value(R"(weir_build_info{version="1.2.3"})"), 1);
  const std::string genai =
      R"(gen_ai_operation_name="chat",gen_ai_provider_name="vllm",gen_ai_request_model="assistant",gen_ai_response_model="vendor/small")";
  EXPECT_EQ(scrape.value("gen_ai_server_request_duration_seconds_bucket{" + genai + R"(,le="0.01"})"), 0);
  EXPECT_EQ(scrape.value("gen_ai_server_request_duration_seconds_bucket{" + genai + R"(,le="0.02"})"), 1);
  EXPECT_EQ(scrape.value("gen_ai_server_request_duration_seconds_sum{" + genai + "}"), 0.015);
  EXPECT_EQ(scrape.value("gen_ai_server_time_to_first_token_seconds_count{" + genai + "}"), 1);
  EXPECT_EQ(
      scrape.value(
          R"(gen_ai_server_request_duration_seconds_count{gen_ai_operation_name="chat",gen_ai_request_model="assistant",error_type="no_target"})"),
      1);
}

TEST(metrics, an_attempt_tells_tokens_and_outcome) {
  Metrics metrics({.shards = 1});
  const MetricLabels labels = metrics.bind(snapshot_of({}, {"small"}));
  metrics.shard(0).attempt({.model = labels.models[0],
                            .duration_us = 1'000,
                            .bad_events = 2,
                            .usage = {.input = 100, .cached = 60, .output = 5, .reasoning = 3, .known = true},
                            .cost = 42});
  metrics.shard(0).attempt(
      {.model = labels.models[0], .error = ErrorCode::upstream_reset, .duration_us = 1'000, .queue_us = 500'000});
  const Scrape scrape(metrics.expose({}));
  const std::string model = R"({model="small",provider="gpu1",zone="local"})";
  EXPECT_EQ(scrape.value(R"(weir_attempts_total{model="small",provider="gpu1",zone="local",outcome="upstream_reset"})"),
            1);
  EXPECT_EQ(scrape.value("weir_bad_stream_events_total" + model), 2);
  EXPECT_EQ(scrape.value("weir_cached_tokens_total" + model), 60);
  EXPECT_EQ(scrape.value("weir_queue_seconds_total" + model), 0.5);
  EXPECT_EQ(scrape.value("weir_attempt_cost_micro_dollars_total" + model), 42);
  const std::string input =
      R"(gen_ai_operation_name="chat",gen_ai_provider_name="vllm",gen_ai_request_model="vendor/small",gen_ai_token_type="input")";
  EXPECT_EQ(scrape.value("gen_ai_client_token_usage_sum{" + input + "}"), 100);
  EXPECT_EQ(scrape.value("gen_ai_client_token_usage_bucket{" + input + R"(,le="64"})"), 0);
  EXPECT_EQ(scrape.value("gen_ai_client_token_usage_bucket{" + input + R"(,le="256"})"), 1);
}

TEST(metrics, a_value_on_a_bound_belongs_to_its_bucket_and_the_last_bucket_has_all) {
  Metrics metrics({.shards = 1});
  metrics.shard(0).request({.duration_us = 10'000});
  metrics.shard(0).request({.duration_us = 10'001});
  metrics.shard(0).request({.duration_us = 1'000'000'000});
  const Scrape scrape(metrics.expose({}));
  const std::string labels = R"({gen_ai_operation_name="chat",le=)";
  EXPECT_EQ(scrape.value("gen_ai_server_request_duration_seconds_bucket" + labels + "\"0.01\"}"), 1);
  EXPECT_EQ(scrape.value("gen_ai_server_request_duration_seconds_bucket" + labels + "\"0.02\"}"), 2);
  EXPECT_EQ(scrape.value("gen_ai_server_request_duration_seconds_bucket" + labels + "\"81.92\"}"), 2);
  EXPECT_EQ(scrape.value("gen_ai_server_request_duration_seconds_bucket" + labels + "\"+Inf\"}"), 3);
}

TEST(metrics, shards_are_summed) {
  Metrics metrics({.shards = 3});
  for (std::size_t i = 0; i < 3; ++i) {
    metrics.shard(i).request({.duration_us = 1});
    metrics.shard(i).add(Count::connections_accepted, 2);
    metrics.shard(i).add(Count::connections_closed);
  }
  const Scrape scrape(metrics.expose({}));
  EXPECT_EQ(scrape.value(R"(weir_requests_total{operation="chat",outcome="ok"})"), 3);
  EXPECT_EQ(scrape.value("weir_connections_open"), 3);
}

TEST(metrics, totals_outlive_a_reload_that_moves_and_removes_models) {
  Metrics metrics({.shards = 1});
  const MetricLabels before = metrics.bind(snapshot_of({"r"}, {"a", "b"}));
  metrics.shard(0).request({.route = before.routes[0], .model = before.models[1]});
  const MetricLabels after = metrics.bind(snapshot_of({"r"}, {"b"}));
  EXPECT_EQ(after.models[0], before.models[1]);
  metrics.shard(0).request({.route = after.routes[0], .model = after.models[0]});
  EXPECT_EQ(Scrape(metrics.expose({}))
                .value(R"(weir_requests_total{route="r",model="b",zone="local",operation="chat",outcome="ok"})"),
            2);
}

TEST(metrics, label_values_are_escaped) {
  Metrics metrics({.shards = 1});
  const MetricLabels labels = metrics.bind(snapshot_of({"a\"b\\c\nd"}, {}));
  metrics.shard(0).request({.route = labels.routes[0]});
  const std::string text = metrics.expose({});
  EXPECT_NE(text.find(R"(route="a\"b\\c\nd")"), std::string::npos);
  const Scrape well_formed(text);
}

TEST(metrics, series_are_bounded_and_what_is_beyond_is_still_counted) {
  Metrics metrics({.shards = 1, .max_series = 50});
  std::vector<std::string> routes;
  for (int i = 0; i < 200; ++i) routes.push_back("route" + std::to_string(i));
  const MetricLabels labels = metrics.bind(snapshot_of(routes, {"m"}));
  for (const RouteSlot route : labels.routes) {
    metrics.shard(0).request({.route = route, .model = labels.models[0], .cost = 1});
    metrics.shard(0).attempt({.model = labels.models[0]});
  }
  const Scrape scrape(metrics.expose({}));
  EXPECT_LE(scrape.series("weir_requests_total"), 51U);
  EXPECT_EQ(scrape.sum("weir_requests_total"), 200);
  EXPECT_EQ(scrape.sum("weir_attempts_total"), 200);
  EXPECT_EQ(scrape.sum("weir_cost_micro_dollars_total"), 200);
  EXPECT_GT(
      scrape.value(R"(weir_requests_total{route="other",model="other",zone="other",operation="chat",outcome="other"})")
          .value_or(0),
      0);
}

TEST(metrics, gauges_of_the_world_are_shown) {
  Metrics metrics({.shards = 1});
  const Scrape scrape(
      metrics.expose({.providers = {{.provider = "gpu1", .slots = 4, .slots_held = 3, .waiting = 2, .up = false}},
                      .breakers = {{.model = "small", .provider = "gpu1", .state = "open", .times_opened = 7}},
                      .ledger_pending = 5,
                      .ledger_written = 6}));
  EXPECT_EQ(scrape.value(R"(weir_slots_held{provider="gpu1"})"), 3);
  EXPECT_EQ(scrape.value(R"(weir_queue_depth{provider="gpu1"})"), 2);
  EXPECT_EQ(scrape.value(R"(weir_provider_up{provider="gpu1"})"), 0);
  EXPECT_EQ(scrape.value(R"(weir_breaker_state{model="small",provider="gpu1",state="open"})"), 1);
  EXPECT_EQ(scrape.value(R"(weir_breaker_state{model="small",provider="gpu1",state="closed"})"), 0);
  EXPECT_EQ(scrape.value("weir_ledger_pending"), 5);
  EXPECT_GT(scrape.value("process_resident_memory_bytes").value_or(0), 1'000'000);
  EXPECT_GT(scrape.value("process_open_fds").value_or(0), 2);
}

TEST(metrics, a_scrape_while_shards_are_written_reads_whole_numbers_that_never_fall) {
  Metrics metrics({.shards = 2});
  const MetricLabels labels = metrics.bind(snapshot_of({"r1", "r2", "r3"}, {"a", "b"}));
  std::atomic<bool> done{false};
  std::vector<std::thread> writers;
  for (std::size_t id = 0; id < 2; ++id) {
    writers.emplace_back([&, id] {
      for (std::size_t n = 0; n < 20'000; ++n) {
        metrics.shard(id).request({.route = labels.routes[n % 3], .model = labels.models[n % 2], .duration_us = 1});
      }
    });
  }
  std::thread scraper([&] {
    double last = 0;
    while (!done) {
      const double now = Scrape(metrics.expose({})).sum("weir_requests_total");
      EXPECT_GE(now, last);
      last = now;
    }
  });
  for (auto& writer : writers) writer.join();
  done = true;
  scraper.join();
  EXPECT_EQ(Scrape(metrics.expose({})).sum("weir_requests_total"), 40'000);
}

}  // namespace
}  // namespace weir
