// Pace: how quickly one model answers lately, by the length of the prompt: averages of the time to the first content
// and to the end (EWMAs, weight 1/8 for the newest), and what 19 of 20 answers took to begin. One per model, shared by
// all event loops; lock-free, every function from any thread: two that record at once may lose one sample.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

namespace weir {

class Pace {
 public:
  enum class Form : uint8_t { stream, whole };
  struct Sample {
    Form form = Form::whole;
    int64_t input_tokens = 0;  // estimated
    int64_t queue_us = 0;      // waited for a slot: part of the p95 and of no average
    int64_t first_us = 0;      // to the first content; 0 = not known, as of whole answers: they begin with their end
    int64_t whole_us = 0;
  };
  void record(const Sample& sample);
  // One that was stopped after so long without a word, its wait for a slot included. It counts where that is beyond the
  // p95: without these, one that is waited for would become ever shorter.
  void record_silence(Form form, int64_t input_tokens, int64_t us);

  // Of a request with so long a prompt; 0 = nothing is known. What is known of the nearest length stands in.
  struct Expected {
    int64_t first_ms = 0;
    int64_t whole_ms = 0;
  };
  [[nodiscard]] Expected expected(int64_t input_tokens) const;
  // 19 of 20 answers of that form began before: to prompts of that length, or, where those were too few to tell, to
  // all. nullopt until there were enough of these.
  [[nodiscard]] std::optional<int64_t> p95_ms(Form form, int64_t input_tokens) const;

  // Its server has it in memory, as far as is known.
  [[nodiscard]] bool loaded() const { return loaded_.load(std::memory_order_relaxed); }
  void set_loaded(bool loaded) { loaded_.store(loaded, std::memory_order_relaxed); }

 private:
  static constexpr std::size_t lengths = 5;
  static constexpr std::size_t steps = 80;  // four for each doubling, from 1 ms

  struct Average {
    std::atomic<int64_t> first_us{0};
    std::atomic<int64_t> whole_us{0};
  };
  // Counts that fade: all are halved when there are many.
  struct Spread {
    std::array<std::atomic<uint32_t>, steps> counts{};
    std::atomic<uint32_t> total{0};

    void add(int64_t us);
    void add_to(std::array<uint64_t, steps>& sum) const;
  };
  using Spreads = std::array<Spread, lengths>;
  [[nodiscard]] static std::optional<int64_t> p95_of(const std::array<uint64_t, steps>& counts);

  std::array<Average, lengths> averages_;
  std::array<Spreads, 2> spreads_;  // by form
  std::atomic<bool> known_{false};  // any average at all: most models of a large configuration are never asked
  std::atomic<bool> loaded_{true};
};

}  // namespace weir
