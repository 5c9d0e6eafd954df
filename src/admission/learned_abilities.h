// LearnedAbilities: what the server of a model said that it cannot do, and the context that it was last asked to run
// the model with. Believed for ten minutes, because a server can be started anew with what it lacked. One per model,
// shared by all event loops; lock-free; any thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/error.h"

namespace weir {

class LearnedAbilities {
 public:
  void lacks(Ability what, int64_t now_ms) {
    if (auto* const until = of(what)) until->store(now_ms + believed_ms, std::memory_order_relaxed);
  }
  // It refused to go on with what another model had said.
  void refuses_prefill(int64_t now_ms) { prefill_.store(now_ms + believed_ms, std::memory_order_relaxed); }

  // The context to ask for where a request needs `needed` (0 = any will do): a server loads a model anew for another
  // one, so that the largest of the last minutes is kept, for as long as such servers keep a model loaded.
  [[nodiscard]] int64_t context_for(int64_t needed, int64_t now_ms) {
    const auto loaded = holds(context_until_, now_ms) ? context_.load(std::memory_order_relaxed) : 0;
    if (needed < loaded || needed == 0) return loaded;
    context_.store(needed, std::memory_order_relaxed);
    context_until_.store(now_ms + loaded_ms, std::memory_order_relaxed);
    return needed;
  }

  [[nodiscard]] bool tools_lacking(int64_t now_ms) const { return holds(tools_, now_ms); }
  [[nodiscard]] bool images_lacking(int64_t now_ms) const { return holds(images_, now_ms); }
  [[nodiscard]] bool prefill_refused(int64_t now_ms) const { return holds(prefill_, now_ms); }

  // Its server was away and is back: it may be another one.
  void forget() {
    for (auto* const until : {&tools_, &images_, &prefill_, &context_until_})
      until->store(0, std::memory_order_relaxed);
  }

 private:
  static constexpr int64_t believed_ms = 600'000;
  static constexpr int64_t loaded_ms = 300'000;

  static bool holds(const std::atomic<int64_t>& until, int64_t now_ms) {
    return now_ms < until.load(std::memory_order_relaxed);
  }
  std::atomic<int64_t>* of(Ability what) {
    switch (what) {
      case Ability::none:
        return nullptr;
      case Ability::tools:
        return &tools_;
      case Ability::images:
        return &images_;
    }
    return nullptr;
  }

  std::atomic<int64_t> tools_{0};
  std::atomic<int64_t> images_{0};
  std::atomic<int64_t> prefill_{0};
  std::atomic<int64_t> context_{0};
  std::atomic<int64_t> context_until_{0};
};

}  // namespace weir
