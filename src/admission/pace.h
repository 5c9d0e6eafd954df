// Pace: how quickly one model answers lately: time to the first content and to the end, by the length of the prompt.
// Averages are EWMAs (weight 1/8 for the newest). One per model, shared by all event
// loops; lock-free, every function from any thread: two that record at once may lose one sample.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace weir {

class Pace {
 public:
  struct Sample {
    int64_t input_tokens = 0;  // estimated
    int64_t first_us = 0;      // to the first content; 0 = not known, as of whole answers
    int64_t whole_us = 0;
  };
  void record(const Sample& sample);

  // Of a request with so long a prompt; 0 = nothing is known. What is known of the nearest length stands in.
  struct Expected {
    int64_t first_ms = 0;
    int64_t whole_ms = 0;
  };
  [[nodiscard]] Expected expected(int64_t input_tokens) const;

  // Its server has it in memory, as far as is known.
  [[nodiscard]] bool loaded() const { return loaded_.load(std::memory_order_relaxed); }
  void set_loaded(bool loaded) { loaded_.store(loaded, std::memory_order_relaxed); }

 private:
  static constexpr std::size_t lengths = 5;

  struct Average {
    std::atomic<int64_t> first_us{0};
    std::atomic<int64_t> whole_us{0};
  };

  std::array<Average, lengths> averages_;
  std::atomic<bool> loaded_{true};
};

}  // namespace weir
