#include "telemetry/metrics.h"

#include <bit>

#include "telemetry/metrics_series.h"

namespace weir {
namespace {

constexpr std::size_t max_names = 4'096;  // routes, and models, over the life of the process

// gen_ai.provider.name has well-known values for some of our kinds; any other kind stands for itself.
std::string_view genai_provider(std::string_view kind) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> renamed = {
      {{"mistral", "mistral_ai"}, {"gemini", "gcp.gemini"}, {"xai", "x_ai"}, {"moonshot", "moonshot_ai"}}};
  for (const auto& [ours, theirs] : renamed) {
    if (kind == ours) return theirs;
  }
  return kind;
}

template <typename T>
uint16_t intern(std::vector<T>& known, const T& value) {
  const auto found = std::find(known.begin(), known.end(), value);
  if (found != known.end()) return static_cast<uint16_t>(found - known.begin() + 1);
  if (known.size() >= max_names) return SeriesKey::other;
  known.push_back(value);
  return static_cast<uint16_t>(known.size());
}

uint64_t positive(int64_t value) { return value > 0 ? static_cast<uint64_t>(value) : 0; }

uint8_t outcome_of(const std::optional<ErrorCode>& error) {
  return error ? static_cast<uint8_t>(static_cast<uint8_t>(*error) + 1) : SeriesKey::outcome_ok;
}

}  // namespace

MetricsShard::Table::Table(std::size_t max_series)
    : max_series_(max_series), entries_(std::bit_ceil(2 * max_series + 4)) {
  shift_ = 64 - std::countr_zero(entries_.size());
}

MetricsShard::MetricsShard(std::size_t max_series) : table_(std::make_unique<Table>(max_series)) {}

MetricsShard::~MetricsShard() = default;

void MetricsShard::request(const RequestSample& sample) {
  RequestSeries& series = table_->request({.kind = SeriesKey::Kind::request,
                                           .operation = sample.operation,
                                           .outcome = outcome_of(sample.error),
                                           .route = sample.route,
                                           .model = sample.model});
  series.duration_us.observe(positive(sample.duration_us));
  if (sample.first_token_us > 0 && !sample.error) series.first_token_us.observe(positive(sample.first_token_us));
  series.cost.add(positive(sample.cost));
  series.baseline.add(positive(sample.baseline_cost));
}

void MetricsShard::attempt(const AttemptSample& sample) {
  AttemptSeries& series = table_->attempt({.kind = SeriesKey::Kind::attempt,
                                           .operation = sample.operation,
                                           .outcome = outcome_of(sample.error),
                                           .route = 0,
                                           .model = sample.model});
  series.duration_us.observe(positive(sample.duration_us));
  if (sample.first_token_us > 0) series.first_chunk_us.observe(positive(sample.first_token_us));
  if (sample.usage.known || sample.usage.estimated) {
    series.input.observe(positive(sample.usage.input));
    series.output.observe(positive(sample.usage.output));
    series.cached.add(positive(sample.usage.cached));
    series.reasoning.add(positive(sample.usage.reasoning));
  }
  series.cost.add(positive(sample.cost));
  series.bad_events.add(positive(sample.bad_events));
  series.queue_us.add(positive(sample.queue_us));
}

void MetricsShard::add(Count what, uint64_t n) {
  std::atomic<uint64_t>& total = counts_[static_cast<std::size_t>(what)];
  total.store(total.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
}

Metrics::Metrics(MetricsSettings settings) : settings_(std::move(settings)), names_(std::make_unique<Names>()) {
  for (std::size_t i = 0; i < settings_.shards; ++i) {
    shards_.push_back(std::make_unique<MetricsShard>(settings_.max_series));
  }
}

Metrics::~Metrics() = default;

MetricLabels Metrics::bind(const Snapshot& snapshot) {
  const std::lock_guard lock(names_->mutex);
  MetricLabels labels;
  for (const RouteSettings& route : snapshot.routes) labels.routes.push_back(intern(names_->routes, route.name));
  for (const ModelSettings& model : snapshot.models) {
    const ProviderSettings& provider = snapshot.providers[model.provider];
    labels.models.push_back(
        intern(names_->models, ModelLabel{.id = model.id,
                                          .name = model.name,
                                          .provider = provider.id,
                                          .genai_provider = std::string(genai_provider(provider.kind)),
                                          .zone = to_string(zone_of(model, snapshot))}));
  }
  return labels;
}

}  // namespace weir
