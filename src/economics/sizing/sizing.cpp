#include "economics/sizing/sizing.h"

#include <algorithm>
#include <cmath>

#include "economics/models/formats.h"
#include "economics/sizing/size_text.h"

namespace weir::plan {
namespace {

constexpr double most_sequences = 1e9;

double activation_bytes(const SizingRequest& request) {
  const auto& shape = request.shape;
  return static_cast<double>(request.assumptions.prefill_chunk) *
         (4 * static_cast<double>(shape.vocabulary) + 32 * static_cast<double>(shape.hidden));
}

// The part of the cache that each of `cards` keeps.
double kv_share(const ModelShape& shape, int64_t cards) {
  if (shape.latent > 0) return 1;
  return 1 / static_cast<double>(std::clamp<int64_t>(cards, 1, std::max<int64_t>(shape.kv_heads, 1)));
}

double free_per_card(const SizingRequest& request, const Gpu& gpu, int64_t cards) {
  const auto memory = memory_of(request);
  return static_cast<double>(gpu.memory_bytes) * request.assumptions.usable_share -
         memory.weights / static_cast<double>(cards) - memory.overhead;
}

// The longest context whose cache, at the asked concurrency, takes no more than `free` on each card.
int64_t longest_context(const SizingRequest& request, double free, double share) {
  const auto fits = [&](int64_t tokens) {
    return kv_cache_bytes(request.shape, static_cast<double>(tokens), request.kv_bytes) * share *
               static_cast<double>(request.concurrency) <=
           free;
  };
  int64_t most = request.shape.context > 0 ? request.shape.context : request.context;
  if (free < 0 || !fits(1)) return 0;
  if (fits(most)) return most;
  int64_t good = 1;
  while (most - good > 1) {
    const auto middle = good + (most - good) / 2;
    (fits(middle) ? good : most) = middle;
  }
  return good;
}

// The first quantisation with fewer bits with which it would fit; nullptr when none does.
const Quantisation* fitting_quantisation(SizingRequest request, const Gpu& gpu, int64_t cards) {
  request.shape.weight_bytes = 0;  // another file
  for (const auto& other : quantisations()) {
    if (other.body_bits >= request.quantisation.body_bits || runs_on(gpu, other) == Runs::no) continue;
    request.quantisation = other;
    if (place(request, gpu, cards).holds(request.concurrency)) return find_quantisation(other.name);
  }
  return nullptr;
}

}  // namespace

double kv_cache_bytes(const ModelShape& shape, double tokens, double bytes_per_value) {
  const auto layers = static_cast<double>(shape.layers);
  if (shape.latent > 0) return layers * static_cast<double>(shape.latent) * bytes_per_value * tokens;
  const double heads = shape.kv_heads_total > 0 ? static_cast<double>(shape.kv_heads_total) / layers
                                                : static_cast<double>(shape.kv_heads);  // of a layer, on average
  const double layer = 2 * heads * static_cast<double>(shape.head_dim) * bytes_per_value;
  const auto windowed = static_cast<double>(shape.window > 0 ? shape.windowed_layers : 0);
  return layer * ((layers - windowed) * tokens + windowed * std::min(tokens, static_cast<double>(shape.window)));
}

Memory memory_of(const SizingRequest& request) {
  Memory memory;
  memory.weights = weight_bytes(request.shape, request.quantisation);
  memory.kv_per_sequence = kv_cache_bytes(request.shape, static_cast<double>(request.context), request.kv_bytes);
  memory.kv = memory.kv_per_sequence * static_cast<double>(request.concurrency);
  memory.overhead = request.assumptions.runtime_bytes + activation_bytes(request);
  return memory;
}

bool can_split(const ModelShape& shape, int64_t cards) {
  if (cards < 1 || shape.heads % cards != 0) return false;
  return shape.latent > 0 || shape.kv_heads == 0 || shape.kv_heads % cards == 0 || cards % shape.kv_heads == 0;
}

Placement place(const SizingRequest& request, const Gpu& gpu, int64_t cards) {
  Placement placement{.gpu = gpu, .cards = cards};
  const auto memory = memory_of(request);
  const double share = kv_share(request.shape, cards);
  const double free = free_per_card(request, gpu, cards);
  placement.used_per_card = memory.weights / static_cast<double>(cards) + memory.overhead + memory.kv * share;
  placement.room_for_kv = free * static_cast<double>(cards);
  const double each = memory.kv_per_sequence * share;
  if (free >= 0)
    placement.sequences =
        each > 0 ? static_cast<int64_t>(std::min(free / each, most_sequences)) : static_cast<int64_t>(most_sequences);
  placement.longest_context = longest_context(request, free, share);
  return placement;
}

int64_t most_cards(const Gpu& gpu) { return gpu.link == Link::network ? 1 : 8; }

std::optional<Placement> smallest_placement(const SizingRequest& request, const Gpu& gpu) {
  if (runs_on(gpu, request.quantisation) == Runs::no) return std::nullopt;
  for (const auto cards : card_counts) {
    if (!can_split(request.shape, cards) || cards > most_cards(gpu)) continue;
    auto placement = place(request, gpu, cards);
    if (placement.holds(request.concurrency)) return placement;
  }
  return std::nullopt;
}

std::vector<Placement> placements(const SizingRequest& request) {
  std::vector<Placement> all;
  for (const auto& gpu : gpus()) {
    if (auto placement = smallest_placement(request, gpu)) all.push_back(*placement);
  }
  const auto key = [](const Placement& placement) {
    const auto& gpu = placement.gpu;
    const bool rented = gpu.rent_per_hour > 0;
    return std::pair(rented ? 0 : 1, (rented ? gpu.rent_per_hour : gpu.price) * placement.cards);
  };
  std::stable_sort(all.begin(), all.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  return all;
}

std::string why_too_small(const SizingRequest& request, const Placement& placement) {
  const auto& gpu = placement.gpu;
  auto text = fmt::format("{}: {} at {} needs {} on each card with {} tokens of context × {}; {} of {} can be used",
                          cards_text(gpu, placement.cards), request.shape.name, request.quantisation.name,
                          bytes_text(placement.used_per_card), count_text(request.context), request.concurrency,
                          bytes_text(static_cast<double>(gpu.memory_bytes) * request.assumptions.usable_share),
                          bytes_text(static_cast<double>(gpu.memory_bytes)));
  std::vector<std::string> mends;
  if (const auto more = smallest_placement(request, gpu); more && more->cards > placement.cards) {
    mends.push_back(fmt::format("--cards {}", more->cards));
  }
  if (const auto* fewer = fitting_quantisation(request, gpu, placement.cards)) {
    mends.push_back(fmt::format("--quant {}", fewer->name));
  }
  if (placement.longest_context > 0) mends.push_back(fmt::format("--context {}", placement.longest_context));
  if (placement.sequences > 0) mends.push_back(fmt::format("--concurrency {}", placement.sequences));
  if (mends.empty()) return text + "; take a larger card: leave out --gpu to see which hold it";
  text += "; it fits with ";
  for (std::size_t i = 0; i < mends.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == mends.size() ? " or " : ", ") + mends[i];
  }
  return text;
}

}  // namespace weir::plan
