// Pace: how quickly one model answers lately: time to the first content and to the end, by the length of the prompt,
// and the spread of the first. Averages are EWMAs (weight 1/8 for the newest). One per model, shared by all event
// loops; lock-free, every function from any thread: two that record at once may lose one sample.
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
    int64_t first_us = 0;      // to the first content; 0 = not known, as of whole answers: their spread is that of all
    int64_t whole_us = 0;
  };
  void record(const Sample& sample);
  // One that was stopped after so long without a word: without these a p95 that is waited for would become ever
  // shorter.
  void record_silence(Form form, int64_t us) { count(form, us); }

  // Of a request with so long a prompt; 0 = nothing is known. What is known of the nearest length stands in.
  struct Expected {
    int64_t first_ms = 0;
    int64_t whole_ms = 0;
  };
  [[nodiscard]] Expected expected(int64_t input_tokens) const;
  // 19 of 20 answers of that form said something before; nullopt until there were enough to tell.
  [[nodiscard]] std::optional<int64_t> p95_ms(Form form) const;

  // Its server has it in memory, as far as is known.
  [[nodiscard]] bool loaded() const { return loaded_.load(std::memory_order_relaxed); }
  void set_loaded(bool loaded) { loaded_.store(loaded, std::memory_order_relaxed); }

 private:
  void count(Form form, int64_t first_us);

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
  };

  std::array<Average, lengths> averages_;
  std::array<Spread, 2> spreads_;
  std::atomic<bool> loaded_{true};
};

}  // namespace weir
