// What a replay reads out of recorded requests before it decides anything: what their texts mean to the candidate
// config, and what stands for what was never recorded. Used by the replay alone; one thread.
#pragma once

#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/snapshot.h"
#include "economics/traffic/traffic.h"

namespace weir::plan {

// Refused for what the config does not decide: what could not be read, a key's permissions, limits or budget. Such
// requests are refused again.
[[nodiscard]] bool refused_for_good(const Arrival& arrival);

// What the gateway itself took beside waiting and asking: guards, the decision, pauses between tries.
[[nodiscard]] int64_t own_time_us(const Arrival& arrival, const Traffic& traffic);

// Sensitivity classes and tags, worked out once per distinct text. Views into the traffic, which outlives it.
class Meanings {
 public:
  // Adds to `snapshot` the classes that only the ledger knows: they still make a request sensitive. invalid_request
  // where there are more classes than a ClassSet holds.
  [[nodiscard]] static Result<Meanings> read(const Traffic& traffic, Snapshot& snapshot);

  [[nodiscard]] ClassSet classes(Name name) const { return classes_[name]; }
  [[nodiscard]] const std::vector<std::string_view>& tags(Name name) const { return tags_[name]; }

 private:
  std::vector<ClassSet> classes_;
  std::vector<std::vector<std::string_view>> tags_;
};

// Mean tokens of the answers of each route, for requests that were never answered.
class TypicalAnswers {
 public:
  explicit TypicalAnswers(const Traffic& traffic);
  // At most the request's `max_tokens`; marked as estimated.
  [[nodiscard]] Usage of(const Arrival& arrival) const;

 private:
  struct Sum {
    int64_t answers = 0;
    int64_t input = 0;
    int64_t output = 0;
    void add(const Arrival& arrival);
  };
  std::vector<Sum> by_route_;
  Sum all_;
};

}  // namespace weir::plan
