#include "economics/sizing/roofline.h"

#include <algorithm>
#include <cmath>

#include "economics/models/formats.h"

namespace weir::plan {
namespace {

struct Work {
  double bytes = 0;
  double flops = 0;
};

struct Machine {
  double bytes_per_s = 0;
  double flops_per_s = 0;

  [[nodiscard]] double seconds(const Work& work) const {
    return std::max(work.bytes / bytes_per_s, work.flops / flops_per_s);
  }
  [[nodiscard]] Bottleneck limit(const Work& work) const {
    return work.bytes / bytes_per_s >= work.flops / flops_per_s ? Bottleneck::bandwidth : Bottleneck::compute;
  }
};

Machine machine_of(const Gpu& gpu, int64_t cards, const Quantisation& quantisation) {
  const double flops = flops_on(gpu, quantisation);
  return {.bytes_per_s = gpu.memory_bytes_per_s * static_cast<double>(cards),
          .flops_per_s = flops * static_cast<double>(cards)};
}

double attention_width(const ModelShape& shape) {
  return static_cast<double>(shape.layers) * static_cast<double>(shape.heads) * static_cast<double>(shape.head_dim);
}

// Mean over a step's layers of what one token attends to: a windowed layer sees no more than its window.
double attended(const ModelShape& shape, double tokens) {
  if (shape.window == 0) return tokens;
  const double windowed = static_cast<double>(shape.windowed_layers) / static_cast<double>(shape.layers);
  return (1 - windowed) * tokens + windowed * std::min(tokens, static_cast<double>(shape.window));
}

double active_in_layers(const ModelShape& shape) {
  const double matrix = static_cast<double>(shape.vocabulary) * static_cast<double>(shape.hidden);
  const double embeddings = shape.embeddings == Embeddings::tied ? matrix : 2 * matrix;
  const double active = static_cast<double>(shape.active_parameters);
  return embeddings < active ? active - embeddings : active;
}

Work decode_step(const SizingRequest& request, double batch, double tokens) {
  const auto& shape = request.shape;
  const double matrix = static_cast<double>(shape.vocabulary) * static_cast<double>(shape.hidden);
  const double multiplied = active_in_layers(shape) + matrix;  // layers and output head
  return {.bytes = weights_read(shape, request.quantisation, batch) +
                   batch * kv_cache_bytes(shape, tokens, request.kv_bytes),
          .flops = batch * (2 * multiplied + 4 * attention_width(shape) * attended(shape, tokens))};
}

Work prefill(const SizingRequest& request, double tokens) {
  const auto& shape = request.shape;
  return {
      .bytes = weights_read(shape, request.quantisation, tokens),
      .flops = 2 * active_in_layers(shape) * tokens + 2 * attention_width(shape) * attended(shape, tokens) * tokens};
}

void finish(Speed& speed, const TokenMix& mix) {
  const auto batch = static_cast<double>(speed.batch);
  speed.tokens_per_s = batch / speed.step_s;
  speed.tokens_per_s_per_stream = 1 / speed.step_s;
  speed.ttft_s = speed.prefill_s + speed.step_s;
  speed.requests_per_hour = 3600 / (speed.prefill_s + static_cast<double>(mix.output) * speed.step_s / batch);
}

}  // namespace

double weights_read(const ModelShape& shape, const Quantisation& quantisation, double batch) {
  const double read = weight_bytes(shape, quantisation) - table_bytes(shape, quantisation);
  if (!shape.is_mixture()) return read;
  const double used = static_cast<double>(shape.active_parameters) / static_cast<double>(shape.parameters);
  return read * (1 - std::pow(1 - used, batch));
}

double link_seconds(const SizingRequest& request, const Gpu& gpu, int64_t cards) {
  if (cards < 2) return 0;
  const auto others = static_cast<double>(cards - 1);
  const double values = static_cast<double>(request.concurrency) * static_cast<double>(request.shape.hidden);
  const double sent =
      2 * static_cast<double>(request.shape.layers) * values * 2 * 2 * others / static_cast<double>(cards);
  return sent / send_rate(gpu, cards);
}

Speed roofline(const SizingRequest& request, const Gpu& gpu, int64_t cards, const TokenMix& mix,
               std::optional<double> measured_tokens_per_s) {
  const auto machine = machine_of(gpu, cards, request.quantisation);
  const auto batch = static_cast<double>(request.concurrency);
  const auto prompt = static_cast<double>(mix.prompt);
  // The cache grows from the prompt to prompt + output; time is linear in it, so its mean gives the mean step.
  const auto step = decode_step(request, batch, prompt + static_cast<double>(mix.output) / 2);
  const auto first = prefill(request, prompt);
  Speed speed{.batch = request.concurrency,
              .step_s = machine.seconds(step),
              .prefill_s = machine.seconds(first),
              .link_s = link_seconds(request, gpu, cards),
              .decode_limit = machine.limit(step),
              .prefill_limit = machine.limit(first)};
  finish(speed, mix);
  if (measured_tokens_per_s && *measured_tokens_per_s > speed.tokens_per_s) {
    speed = scaled_to(speed, mix, *measured_tokens_per_s);
    speed.raised = true;
  }
  return speed;
}

Speed scaled_to(Speed bound, const TokenMix& mix, double measured_tokens_per_s) {
  const double factor = bound.tokens_per_s / measured_tokens_per_s;
  bound.step_s *= factor;
  bound.prefill_s *= factor;
  finish(bound, mix);
  bound.tokens_per_s = measured_tokens_per_s;  // exactly: the product above may round below it
  return bound;
}

}  // namespace weir::plan
