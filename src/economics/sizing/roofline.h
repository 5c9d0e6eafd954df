// Roofline: how fast a model can be on given cards at best. A step takes the longer of two times: moving its bytes at
// the peak bandwidth of the memory, doing its arithmetic at the peak rate of the tensor cores. Real servers are slower;
// none is faster. Pure; safe from any thread. Times in seconds, rates per second.
//
//   decode step of B sequences at n tokens each (Williams et al. 2009; Kipply 2022, Transformer Inference Arithmetic;
//   Pope et al. 2022):
//     bytes = weights read + B × KV cache(n)
//     flops = B × (2 × active parameters + 4 × layers × heads × head size × n)
//   weights read: all but the input embedding table. Mixture of experts: the share 1 − (1 − active/all)^B of them, what
//   B independent choices touch on average. prefill of a prompt of p tokens:
//     bytes = weights read, all experts with long prompts
//     flops = 2 × (active parameters − embeddings) × p + 2 × layers × heads × head size × p²
//   Cards split both evenly. What they say to each other is not in the bound; `link_s` is the least time that it takes,
//   each layer's two sums over all cards (ring all-reduce, Patarasu & Yuan 2009: 2 (cards − 1) / cards of the values):
//     2 × layers × B × hidden × 2 bytes × 2 (cards − 1) / cards / what a card can send
//
//   time to first token = prefill + one decode step
//   requests per hour at B sequences = 3600 / (prefill + output × step / B): prefills queue, steps are shared
#pragma once

#include <cstdint>
#include <optional>

#include "economics/sizing/sizing.h"

namespace weir::plan {

struct TokenMix {
  int64_t prompt = 500;
  int64_t output = 500;
};

enum class Bottleneck : uint8_t { bandwidth, compute };

struct Speed {
  int64_t batch = 0;     // sequences at a time: the asked concurrency
  double step_s = 0;     // of decoding
  double prefill_s = 0;  // of one prompt, alone
  double link_s = 0;     // that a step's sums over all cards take at least, beside step_s; 0 on one card
  Bottleneck decode_limit = Bottleneck::bandwidth;
  Bottleneck prefill_limit = Bottleneck::compute;
  double tokens_per_s = 0;  // all sequences together
  double tokens_per_s_per_stream = 0;
  double ttft_s = 0;
  double requests_per_hour = 0;  // at B sequences without pause
  bool raised = false;           // a measurement was higher than the bound, which is now the measurement
};

// `measured_tokens_per_s`: output tokens of all streams together, measured at this concurrency. Where it is above the
// bound, an assumption (data sheet, bits, batch) is wrong, and the bound is raised to it: step and prefill times shrink
// alike.
[[nodiscard]] Speed roofline(const SizingRequest& request, const Gpu& gpu, int64_t cards, const TokenMix& mix,
                             std::optional<double> measured_tokens_per_s = std::nullopt);

// What a measured rate gives: the bound's shape of a request (prefill to decode) scaled to it. Below or at the bound.
[[nodiscard]] Speed scaled_to(Speed bound, const TokenMix& mix, double measured_tokens_per_s);

// Seconds that the cards need at least to add up what each of them computed, in one decode step.
[[nodiscard]] double link_seconds(const SizingRequest& request, const Gpu& gpu, int64_t cards);

// Bytes of weights that one decode step of `batch` sequences reads.
[[nodiscard]] double weights_read(const ModelShape& shape, const Quantisation& quantisation, double batch);

}  // namespace weir::plan
