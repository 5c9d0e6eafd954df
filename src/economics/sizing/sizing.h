// Sizing: how much memory a model takes with a given context and concurrency, and which accelerators hold it, alone or
// several together. Pure; safe from any thread. Bytes are doubles where they are products of estimates, because they
// can pass 63 bits for absurd inputs; they are shown to three digits.
//
//   weights   = parameters × bits / 8                                       (quantisation.h)
//   KV cache  = sequences × Σ over layers: 2 × KV heads × head size × bytes × tokens kept
//               tokens kept = context, or the window of a windowed layer    (Shazeer 2019; Pope et al. 2022, section 3)
//               latent attention: layers × latent × bytes × context         (DeepSeek-V2 2024, section 2.1)
//   overhead  = for each card: runtime_bytes + one prefill chunk's activations
//               activations = chunk × (4 × vocabulary + 32 × hidden) bytes  (logits and eight vectors in fp32)
//   a card holds  memory × usable_share
//
// Several cards split every matrix among them (tensor parallelism, Megatron-LM, Shoeybi et al. 2019): the number must
// divide the query heads, and divide the KV heads or be a multiple of them. KV heads are then copied; a latent cache is
// copied whole.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "economics/models/hardware.h"
#include "economics/models/model_shape.h"
#include "economics/models/quantisation.h"

namespace weir::plan {

// What is assumed beyond published numbers, in one place. docs/sizing.md says why.
struct SizingAssumptions {
  double usable_share = 0.95;          // of a card's memory; the rest is lost to fragments
  double runtime_bytes = 536'870'912;  // driver context and kernels, each card
  int64_t prefill_chunk = 512;         // tokens that go through the model at a time
};

struct SizingRequest {
  ModelShape shape;
  Quantisation quantisation;
  int64_t context = 0;      // tokens of each sequence, prompt and answer
  int64_t concurrency = 1;  // sequences at a time
  double kv_bytes = 2;      // bytes of a cached number: 2 = fp16, 1 = fp8 or q8
  SizingAssumptions assumptions;
};

struct Memory {
  double weights = 0;
  double kv_per_sequence = 0;
  double kv = 0;                                                          // of all sequences
  double overhead = 0;                                                    // of one card
  [[nodiscard]] double total() const { return weights + kv + overhead; }  // on one card
};

[[nodiscard]] Memory memory_of(const SizingRequest& request);
// Bytes that the cache of one sequence takes after `tokens` of them.
[[nodiscard]] double kv_cache_bytes(const ModelShape& shape, double tokens, double bytes_per_value);

// Whether the heads of the model can be split among so many cards.
[[nodiscard]] bool can_split(const ModelShape& shape, int64_t cards);
// How many of them a model may be split among unasked: computers that are joined by a network are no group.
[[nodiscard]] int64_t most_cards(const Gpu& gpu);
inline constexpr int64_t card_counts[] = {1, 2, 4, 8};

struct Placement {
  Gpu gpu;
  int64_t cards = 1;
  double used_per_card = 0;     // with the asked concurrency
  double room_for_kv = 0;       // of all cards together, after weights and overhead; negative: weights don't fit
  int64_t sequences = 0;        // of the asked context that fit at a time
  int64_t longest_context = 0;  // that fits at the asked concurrency; 0 = none
  [[nodiscard]] bool holds(int64_t concurrency) const { return sequences >= concurrency; }
};

// On exactly so many cards; whether it fits is said by the result.
[[nodiscard]] Placement place(const SizingRequest& request, const Gpu& gpu, int64_t cards);
// On the fewest cards (1, 2, 4, 8) that hold it; nullopt when eight don't, or when they cannot run its format.
[[nodiscard]] std::optional<Placement> smallest_placement(const SizingRequest& request, const Gpu& gpu);
// Of every accelerator of the catalog that holds it with eight cards or fewer: cheapest to rent first, those that are
// not rented last, by price.
[[nodiscard]] std::vector<Placement> placements(const SizingRequest& request);

// Why `cards` of this GPU don't hold it, and what would: more cards, fewer bits, a shorter context, fewer sequences.
[[nodiscard]] std::string why_too_small(const SizingRequest& request, const Placement& placement);

}  // namespace weir::plan
