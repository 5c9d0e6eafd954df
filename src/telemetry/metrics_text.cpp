// Metrics::expose: the Prometheus text format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "telemetry/metrics.h"
#include "telemetry/metrics_series.h"

namespace weir {
namespace {

constexpr double seconds = 1e6;  // of our microseconds
constexpr double units = 1;

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '"')
      out += "\\\"";
    else if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
}

// `name="value",…`, without braces. Empty values are left out: an absent label and an empty one are the same series.
std::string labels_of(std::initializer_list<std::pair<std::string_view, std::string_view>> labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    if (value.empty()) continue;
    if (!out.empty()) out += ',';
    out += name;
    out += "=\"";
    append_escaped(out, value);
    out += '"';
  }
  return out;
}

void append_header(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

template <typename Number>
void append_sample(std::string& out, std::string_view name, std::string_view labels, Number value) {
  if (labels.empty())
    fmt::format_to(std::back_inserter(out), "{} {}\n", name, value);
  else
    fmt::format_to(std::back_inserter(out), "{}{{{}}} {}\n", name, labels, value);
}

// One metric that is a number per set of labels. Adding to the same labels sums up.
class Numbers {
 public:
  Numbers(std::string_view name, std::string_view type, std::string_view help)
      : name_(name), type_(type), help_(help) {}
  void add(const std::string& labels, double value) { samples_[labels] += value; }
  // Nothing at all for a metric without samples.
  void write(std::string& out) const {
    if (samples_.empty()) return;
    append_header(out, name_, type_, help_);
    for (const auto& [labels, value] : samples_) append_sample(out, name_, labels, value);
  }

 private:
  std::string_view name_, type_, help_;
  std::map<std::string, double> samples_;
};

template <const auto& bounds>
class Distribution {
 public:
  Distribution(std::string_view name, std::string_view help, double scale) : name_(name), help_(help), scale_(scale) {}
  void add(const std::string& labels, const Histogram<bounds>& histogram) {
    Sum& sum = sums_[labels];
    histogram.add_to(sum.counts, sum.total);
  }
  void write(std::string& out) const {
    bool headed = false;
    for (const auto& [labels, sum] : sums_) {
      uint64_t below = 0;
      for (const uint64_t count : sum.counts) below += count;
      if (below == 0) continue;
      if (!headed) append_header(out, name_, "histogram", help_);
      headed = true;
      write_one(out, labels, sum);
    }
  }

 private:
  struct Sum {
    std::array<uint64_t, Histogram<bounds>::size> counts{};
    uint64_t total = 0;
  };
  void write_one(std::string& out, const std::string& labels, const Sum& sum) const {
    const std::string_view comma = labels.empty() ? "" : ",";
    uint64_t below = 0;
    for (std::size_t i = 0; i < sum.counts.size(); ++i) {
      below += sum.counts[i];
      const std::string bound =
          i < bounds.size() ? fmt::format("{}", static_cast<double>(bounds[i]) / scale_) : std::string("+Inf");
      fmt::format_to(std::back_inserter(out), "{}_bucket{{{}{}le=\"{}\"}} {}\n", name_, labels, comma, bound, below);
    }
    append_sample(out, std::string(name_) + "_sum", labels, static_cast<double>(sum.total) / scale_);
    append_sample(out, std::string(name_) + "_count", labels, below);
  }

  std::string_view name_, help_;
  double scale_;
  std::map<std::string, Sum> sums_;
};

std::string_view genai_operation(Operation operation) {
  switch (operation) {
    case Operation::chat:
      return "chat";
    case Operation::completion:
      return "text_completion";
    case Operation::embedding:
      return "embeddings";
    case Operation::rerank:
    case Operation::image:
    case Operation::speech:
    case Operation::transcription:
    case Operation::moderation:
    case Operation::file:
    case Operation::batch:
    case Operation::prediction:
    case Operation::token_count:
      return to_string(operation);
  }
  return "chat";
}

// The names of one series.
struct Labels {
  std::string route;
  ModelLabel model;
  std::string_view operation;
  std::string_view outcome;     // `ok` or an ErrorCode's name
  std::string_view error_type;  // "" when ok
  // What our caller asked for: the route, or the model it named directly.
  [[nodiscard]] std::string_view requested() const { return route.empty() ? model.id : route; }
};

template <typename T>
T name_at(const std::vector<T>& names, uint16_t slot, T other) {
  if (slot == 0) return {};
  return slot <= names.size() ? names[slot - 1] : other;
}

Labels resolve(const SeriesKey& key, const std::vector<std::string>& routes, const std::vector<ModelLabel>& models) {
  const bool ok = key.outcome == SeriesKey::outcome_ok;
  const std::string_view error = ok ? std::string_view() : to_string(static_cast<ErrorCode>(key.outcome - 1));
  const ModelLabel other{
      .id = "other", .name = "other", .provider = "other", .genai_provider = "other", .zone = "other"};
  return {.route = name_at(routes, key.route, std::string("other")),
          .model = name_at(models, key.model, other),
          .operation = genai_operation(key.operation),
          .outcome = key.route == SeriesKey::other ? "other"
                     : ok                          ? "ok"
                                                   : error,
          .error_type = error};
}

// What callers see of us.
struct RequestFamilies {
  Numbers requests{"weir_requests_total", "counter", "Requests by route, model that answered, zone and outcome."};
  Numbers cost{"weir_cost_micro_dollars_total", "counter",
               "What requests cost, all their attempts, in millionths of a US dollar."};
  Numbers baseline{"weir_baseline_micro_dollars_total", "counter",
                   "What the same requests would have cost on their baseline model."};
  Distribution<duration_bounds> duration{"gen_ai_server_request_duration_seconds",
                                         "Request duration as callers see it, to the last byte.", seconds};
  Distribution<first_token_bounds> first_token{"gen_ai_server_time_to_first_token_seconds",
                                               "Time to the first token as callers see it, of requests answered well.",
                                               seconds};

  void add(const Labels& labels, const RequestSeries& series) {
    std::array<uint64_t, Histogram<duration_bounds>::size> counts{};
    uint64_t sum = 0;
    series.duration_us.add_to(counts, sum);
    uint64_t all = 0;
    for (const uint64_t count : counts) all += count;
    requests.add(labels_of({{"route", labels.route},
                            {"model", labels.model.id},
                            {"zone", labels.model.zone},
                            {"operation", labels.operation},
                            {"outcome", labels.outcome}}),
                 static_cast<double>(all));
    const std::string money =
        labels_of({{"route", labels.route}, {"model", labels.model.id}, {"zone", labels.model.zone}});
    if (!labels.model.id.empty() || series.cost.get() > 0) {  // a refused request is no row of its own
      cost.add(money, static_cast<double>(series.cost.get()));
      baseline.add(money, static_cast<double>(series.baseline.get()));
    }
    const std::string genai = labels_of({{"gen_ai_operation_name", labels.operation},
                                         {"gen_ai_provider_name", labels.model.genai_provider},
                                         {"gen_ai_request_model", labels.requested()},
                                         {"gen_ai_response_model", labels.model.name},
                                         {"error_type", labels.error_type}});
    duration.add(genai, series.duration_us);
    first_token.add(genai, series.first_token_us);
  }
  void write(std::string& out) const {
    requests.write(out);
    cost.write(out);
    baseline.write(out);
    duration.write(out);
    first_token.write(out);
  }
};

// What we see of the model side.
struct AttemptFamilies {
  Numbers attempts{"weir_attempts_total", "counter", "Tries of one candidate by model and outcome."};
  Numbers cost{"weir_attempt_cost_micro_dollars_total", "counter", "What attempts cost, in millionths of a US dollar."};
  Numbers cached{"weir_cached_tokens_total", "counter", "Input tokens read from providers' prompt caches."};
  Numbers reasoning{"weir_reasoning_tokens_total", "counter", "Output tokens spent on reasoning."};
  Numbers bad_events{"weir_bad_stream_events_total", "counter", "Malformed events skipped in otherwise good streams."};
  Numbers queue{"weir_queue_seconds_total", "counter", "Time attempts waited for a slot."};
  Distribution<duration_bounds> duration{"gen_ai_client_operation_duration_seconds", "Duration of attempts.", seconds};
  Distribution<duration_bounds> first_chunk{"gen_ai_client_operation_time_to_first_chunk_seconds",
                                            "Time to the first content of attempts that stream.", seconds};
  Distribution<token_bounds> tokens{"gen_ai_client_token_usage", "Tokens per attempt, input and output.", units};

  void add(const Labels& labels, const AttemptSeries& series) {
    std::array<uint64_t, Histogram<duration_bounds>::size> counts{};
    uint64_t sum = 0;
    series.duration_us.add_to(counts, sum);
    uint64_t all = 0;
    for (const uint64_t count : counts) all += count;
    attempts.add(labels_of({{"model", labels.model.id},
                            {"provider", labels.model.provider},
                            {"zone", labels.model.zone},
                            {"outcome", labels.outcome}}),
                 static_cast<double>(all));
    const std::string model =
        labels_of({{"model", labels.model.id}, {"provider", labels.model.provider}, {"zone", labels.model.zone}});
    cost.add(model, static_cast<double>(series.cost.get()));
    cached.add(model, static_cast<double>(series.cached.get()));
    reasoning.add(model, static_cast<double>(series.reasoning.get()));
    bad_events.add(model, static_cast<double>(series.bad_events.get()));
    queue.add(model, static_cast<double>(series.queue_us.get()) / seconds);
    const auto genai = [&](std::string_view token_type, std::string_view error_type) {
      return labels_of({{"gen_ai_operation_name", labels.operation},
                        {"gen_ai_provider_name", labels.model.genai_provider},
                        {"gen_ai_request_model", labels.model.name},
                        {"gen_ai_token_type", token_type},
                        {"error_type", error_type}});
    };
    duration.add(genai("", labels.error_type), series.duration_us);
    first_chunk.add(genai("", ""), series.first_chunk_us);
    tokens.add(genai("input", ""), series.input);
    tokens.add(genai("output", ""), series.output);
  }
  void write(std::string& out) const {
    attempts.write(out);
    cost.write(out);
    cached.write(out);
    reasoning.write(out);
    bad_events.write(out);
    queue.write(out);
    duration.write(out);
    first_chunk.write(out);
    tokens.write(out);
  }
};

void append_number(std::string& out, std::string_view name, std::string_view type, std::string_view help,
                   double value) {
  append_header(out, name, type, help);
  append_sample(out, name, "", value);
}

void append_counts(std::string& out, const std::array<uint64_t, static_cast<std::size_t>(Count::count_)>& counts) {
  struct Row {
    Count what;
    std::string_view name, help;
  };
  constexpr std::array rows = {
      Row{Count::connections_accepted, "weir_connections_accepted_total", "Client connections accepted."},
      Row{Count::connections_closed, "weir_connections_closed_total", "Client connections closed."},
      Row{Count::connections_refused, "weir_connections_refused_total", "Client connections refused over the limit."},
      Row{Count::upstream_connects, "weir_upstream_connects_total", "Connections opened to the model side."},
      Row{Count::upstream_reuses, "weir_upstream_reuses_total",
          "Attempts that found an idle connection to the model side."},
      Row{Count::retries, "weir_retries_total", "Further tries of the same candidate."},
      Row{Count::fallbacks, "weir_fallbacks_total", "Moves to the next candidate after a failure."},
      Row{Count::spills, "weir_spills_total", "Moves to the next candidate because the queue was too long."},
      Row{Count::cache_hits, "weir_cache_hits_total", "Requests answered from the cache of answers."},
      Row{Count::cache_misses, "weir_cache_misses_total", "Requests that were looked up there and not found."},
      Row{Count::cache_saved, "weir_cache_saved_microdollars_total",
          "Millionths of a dollar that the answers cost which were given again."},
      Row{Count::hedges, "weir_hedges_total",
          "Second candidates asked because the first had not said anything in time."},
      Row{Count::hedges_won, "weir_hedges_won_total", "Second candidates that answered first."},
      Row{Count::hedges_held, "weir_hedges_withheld_total",
          "Second candidates not asked in time: the route's share, the key's budget or the free slots were used up."},
      Row{Count::streams_resumed, "weir_streams_resumed_total", "Streams handed on to another candidate half-way."},
      Row{Count::clients_gone, "weir_clients_gone_total", "Requests whose client left before the end."},
  };
  static_assert(rows.size() == static_cast<std::size_t>(Count::count_));
  const auto at = [&](Count what) { return static_cast<double>(counts[static_cast<std::size_t>(what)]); };
  for (const Row& row : rows) append_number(out, row.name, "counter", row.help, at(row.what));
  append_number(out, "weir_connections_open", "gauge", "Client connections open now.",
                std::max(0.0, at(Count::connections_accepted) - at(Count::connections_closed)));
}

void append_world(std::string& out, const WorldGauges& world) {
  Numbers slots{"weir_slots", "gauge", "Slots of a provider; 0 is no limit."};
  Numbers held{"weir_slots_held", "gauge", "Slots in use."};
  Numbers waiting{"weir_queue_depth", "gauge", "Requests that wait for a slot."};
  Numbers refused{"weir_queue_refused_total", "counter", "Requests refused because the queue was full."};
  Numbers up{"weir_provider_up", "gauge", "1 when the provider's health check is good, or it has none."};
  Numbers resting{"weir_credentials_resting", "gauge",
                  "Keys of a provider with several that rest because they were limited or refused."};
  for (const ProviderGauges& provider : world.providers) {
    const std::string labels = labels_of({{"provider", provider.provider}});
    slots.add(labels, static_cast<double>(provider.slots));
    held.add(labels, static_cast<double>(provider.slots_held));
    waiting.add(labels, static_cast<double>(provider.waiting));
    refused.add(labels, static_cast<double>(provider.refused_full));
    up.add(labels, provider.up ? 1 : 0);
    resting.add(labels, static_cast<double>(provider.keys_resting));
  }
  Numbers state{"weir_breaker_state", "gauge", "1 for the state that the model's circuit breaker is in."};
  Numbers opened{"weir_breaker_opened_total", "counter", "How often the model's circuit breaker opened."};
  for (const BreakerGauges& breaker : world.breakers) {
    for (const std::string_view each : {"closed", "open", "half_open", "down"}) {
      state.add(labels_of({{"model", breaker.model}, {"provider", breaker.provider}, {"state", each}}),
                each == breaker.state ? 1 : 0);
    }
    opened.add(labels_of({{"model", breaker.model}, {"provider", breaker.provider}}),
               static_cast<double>(breaker.times_opened));
  }
  for (const Numbers* numbers : {&slots, &held, &waiting, &refused, &up, &resting, &state, &opened})
    numbers->write(out);
  append_number(out, "weir_ledger_pending", "gauge", "Ledger entries not yet durable.",
                static_cast<double>(world.ledger_pending));
  append_number(out, "weir_ledger_written_total", "counter", "Ledger entries written.",
                static_cast<double>(world.ledger_written));
  append_number(out, "weir_ledger_failed_total", "counter",
                "Commits of ledger entries that failed; they are tried again.",
                static_cast<double>(world.ledger_failed));
  append_number(out, "weir_ledger_dropped_total", "counter", "Ledger entries lost because too many waited.",
                static_cast<double>(world.ledger_dropped));
  append_number(out, "weir_config_version", "gauge", "Rises with each reload.",
                static_cast<double>(world.config_version));
  append_number(out, "weir_config_reloads_failed_total", "counter",
                "Reloads refused; the running configuration stayed.", static_cast<double>(world.config_reloads_failed));
}

void append_process(std::string& out, std::chrono::system_clock::time_point started) {
  uint64_t size = 0;
  uint64_t resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  append_number(out, "process_resident_memory_bytes", "gauge", "Resident memory.",
                static_cast<double>(resident) * page);
  append_number(out, "process_virtual_memory_bytes", "gauge", "Virtual memory.", static_cast<double>(size) * page);

  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto in_seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  append_number(out, "process_cpu_seconds_total", "counter", "User and system CPU time.",
                in_seconds(usage.ru_utime) + in_seconds(usage.ru_stime));
  append_number(out, "process_start_time_seconds", "gauge", "Start, since the Unix epoch.",
                std::chrono::duration<double>(started.time_since_epoch()).count());

  std::error_code error;
  const auto open =
      std::distance(std::filesystem::directory_iterator("/proc/self/fd", error), std::filesystem::directory_iterator());
  if (!error) append_number(out, "process_open_fds", "gauge", "Open file descriptors.", static_cast<double>(open));
}

}  // namespace

std::string Metrics::expose(const WorldGauges& world) const {
  std::vector<std::string> routes;
  std::vector<ModelLabel> models;
  {
    const std::lock_guard lock(names_->mutex);
    routes = names_->routes;
    models = names_->models;
  }
  RequestFamilies requests;
  AttemptFamilies attempts;
  std::array<uint64_t, static_cast<std::size_t>(Count::count_)> counts{};
  for (const auto& shard : shards_) {
    shard->table_->each([&](const SeriesKey& key, const RequestSeries* request, const AttemptSeries* attempt) {
      const Labels labels = resolve(key, routes, models);
      if (request != nullptr)
        requests.add(labels, *request);
      else
        attempts.add(labels, *attempt);
    });
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += shard->counts_[i].load(std::memory_order_relaxed);
  }

  std::string out;
  out.reserve(64 * 1024);
  append_header(out, "weir_build_info", "gauge", "Always 1.");
  append_sample(out, "weir_build_info", labels_of({{"version", settings_.version}}), 1);
  requests.write(out);
  attempts.write(out);
  append_counts(out, counts);
  append_world(out, world);
  append_process(out, started_);
  return out;
}

}  // namespace weir
