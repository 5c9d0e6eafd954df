#include "admission/credentials.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace weir {
namespace {

constexpr int64_t first_limit_ms = 1'000;  // where the provider does not say for how long; doubles
constexpr int64_t longest_guess_ms = 30'000;
constexpr int64_t longest_limit_ms = 3'600'000;
constexpr int64_t first_refusal_ms = 60'000;  // doubles: a key that was revoked comes back by a person's hand
constexpr int64_t longest_refusal_ms = 3'600'000;

int64_t doubled(int64_t first, int64_t times, int64_t most) {
  constexpr int64_t most_doublings = 12;
  return std::min(first << std::clamp<int64_t>(times, 0, most_doublings), most);
}

// Smooth weighted round-robin: each turn everybody gains its weight, and who has most gives back what all gained.
std::vector<uint8_t> smooth_turns(const std::vector<Credential>& credentials) {
  int64_t common = 0;
  int64_t sum = 0;
  for (const auto& one : credentials) common = std::gcd(common, one.weight);
  for (const auto& one : credentials) sum += one.weight / common;
  std::vector<int64_t> gained(credentials.size(), 0);
  std::vector<uint8_t> turns;
  for (int64_t turn = 0; turn < sum; ++turn) {
    for (std::size_t i = 0; i < credentials.size(); ++i) gained[i] += credentials[i].weight / common;
    const auto first = std::max_element(gained.begin(), gained.end());
    *first -= sum;
    turns.push_back(static_cast<uint8_t>(first - gained.begin()));
  }
  return turns;
}

}  // namespace

Credentials::Limit* Credentials::State::limit_of(uint64_t model, Place place) {
  constexpr std::size_t most_steps = 8;
  const auto mark = model + 1 == 0 ? 1 : model + 1;
  for (std::size_t step = 0; step < most_steps; ++step) {
    auto& limit = limits[(mark + step) % most_limits];
    auto seen = limit.model.load(std::memory_order_relaxed);
    if (seen == mark) return &limit;
    if (seen != 0) continue;
    if (place == Place::find) return nullptr;
    if (limit.model.compare_exchange_strong(seen, mark, std::memory_order_relaxed) || seen == mark) return &limit;
  }
  return &limits[mark % most_limits];
}

int64_t Credentials::State::rests_ms(int64_t now_ms, uint64_t model) {
  auto until = refused_until_ms.load(std::memory_order_relaxed);
  if (const auto* limit = limit_of(model, Place::find); limit != nullptr)
    until = std::max(until, limit->until_ms.load(std::memory_order_relaxed));
  return std::max<int64_t>(until - now_ms, 0);
}

bool Credentials::State::rests(int64_t now_ms) const {
  return refused_until_ms.load(std::memory_order_relaxed) > now_ms ||
         std::any_of(limits.begin(), limits.end(),
                     [&](const Limit& limit) { return limit.until_ms.load(std::memory_order_relaxed) > now_ms; });
}

Credentials::Credentials(const ProviderSettings& provider, const Credentials* before) {
  if (provider.credentials.size() < 2) return;
  for (const auto& credential : provider.credentials) {
    Key key{.provider = provider, .state = nullptr};
    key.provider.api_key = credential.key;
    if (before != nullptr) {
      for (const auto& old : before->keys_) {
        if (old.provider.api_key == credential.key) key.state = old.state;
      }
    }
    if (!key.state) key.state = std::make_shared<State>();
    keys_.push_back(std::move(key));
  }
  turns_ = smooth_turns(provider.credentials);
}

std::size_t Credentials::next(int64_t now_ms, uint64_t model) {
  const auto turn = turn_.fetch_add(1, std::memory_order_relaxed);
  for (std::size_t i = 0; i < turns_.size(); ++i) {
    const std::size_t key = turns_[(turn + i) % turns_.size()];
    if (keys_[key].state->rests_ms(now_ms, model) == 0) return key;
  }
  return soonest(now_ms, model);
}

std::size_t Credentials::any(int64_t now_ms, uint64_t model) const {
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (keys_[i].state->rests_ms(now_ms, model) == 0) return i;
  }
  return soonest(now_ms, model);
}

std::size_t Credentials::soonest(int64_t now_ms, uint64_t model) const {
  std::size_t best = 0;
  for (std::size_t i = 1; i < keys_.size(); ++i) {
    if (keys_[i].state->rests_ms(now_ms, model) < keys_[best].state->rests_ms(now_ms, model)) best = i;
  }
  return best;
}

void Credentials::limited(std::size_t index, int64_t for_ms, int64_t now_ms, uint64_t model) {
  auto& limit = *keys_[index].state->limit_of(model, State::Place::claim);
  const auto times = limit.in_row.fetch_add(1, std::memory_order_relaxed);
  const auto rest = for_ms > 0 ? std::min(for_ms, longest_limit_ms) : doubled(first_limit_ms, times, longest_guess_ms);
  limit.until_ms.store(now_ms + rest, std::memory_order_relaxed);
}

void Credentials::refused(std::size_t index, int64_t now_ms) {
  auto& state = *keys_[index].state;
  // Of many requests that were under way together one counts.
  if (state.refused_until_ms.load(std::memory_order_relaxed) > now_ms) return;
  const auto times = state.refusals_in_row.fetch_add(1, std::memory_order_relaxed);
  state.refused_until_ms.store(now_ms + doubled(first_refusal_ms, times, longest_refusal_ms),
                               std::memory_order_relaxed);
}

void Credentials::answered(std::size_t index, int64_t now_ms, uint64_t model) {
  auto& state = *keys_[index].state;
  // An answer that was under way when the key was limited says nothing of now.
  if (state.rests_ms(now_ms, model) > 0) return;
  const auto forget = [](std::atomic<int64_t>& value) {
    if (value.load(std::memory_order_relaxed) != 0) value.store(0, std::memory_order_relaxed);
  };
  forget(state.refusals_in_row);
  if (auto* const limit = state.limit_of(model, State::Place::find); limit != nullptr) forget(limit->in_row);
}

std::size_t Credentials::resting(int64_t now_ms) const {
  return static_cast<std::size_t>(
      std::count_if(keys_.begin(), keys_.end(), [&](const Key& key) { return key.state->rests(now_ms); }));
}

bool Credentials::all_rest(int64_t now_ms, uint64_t model) const {
  return std::all_of(keys_.begin(), keys_.end(),
                     [&](const Key& key) { return key.state->rests_ms(now_ms, model) > 0; });
}

int64_t Credentials::limited_ms(int64_t now_ms, uint64_t model) const {
  constexpr auto never = std::numeric_limits<int64_t>::max();
  auto shortest = never;
  for (const auto& key : keys_) {
    const bool refused = key.state->refused_until_ms.load(std::memory_order_relaxed) > now_ms;
    const auto rest = key.state->rests_ms(now_ms, model);
    if (!refused && rest > 0) shortest = std::min(shortest, rest);
  }
  return shortest == never ? 0 : shortest;
}

}  // namespace weir
