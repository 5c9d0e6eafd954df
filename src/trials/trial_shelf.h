// TrialShelf: comparisons, outcomes, moves and kept texts in one SQLite file, `experiments.db` of the data folder. The
// server's keeper writes it (trial_keeper.h); commands read it, and write votes and moves by hand, from other processes
// at the same time. Bounded: of each experiment the newest `most_rows` stay. Texts are gone when their time is over:
// pages are overwritten. One thread at a time.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "stores/sqlite_database.h"
#include "trials/trial.h"

namespace weir {

class TrialShelf {
 public:
  static constexpr int64_t most_rows = 200'000;  // of one experiment, of each kind

  enum class Access : uint8_t { make, existing, read_only };
  // Makes the file where it is missing and `access` is `make`, for its owner alone.
  [[nodiscard]] static Result<TrialShelf> open(const std::string& file, Access access);

  struct Batch {
    std::vector<std::pair<Comparison, std::optional<KeptTexts>>> comparisons;
    std::vector<ArmOutcome> outcomes;
    std::vector<ShareMove> moves;
    [[nodiscard]] bool empty() const { return comparisons.empty() && outcomes.empty() && moves.empty(); }
  };
  // All of it or nothing.
  Status add(const Batch& batch);

  // In the order in which they came. `experiment` "" = of all.
  Status comparisons(std::string_view experiment, const std::function<void(Comparison&)>& take);
  Status outcomes(std::string_view experiment, const std::function<void(ArmOutcome&)>& take);
  // Those with a higher number than `after`.
  [[nodiscard]] Result<std::vector<ShareMove>> moves(std::string_view experiment, int64_t after = 0);
  // Comparisons with texts and without a vote, newest first.
  [[nodiscard]] Result<std::vector<Comparison>> unjudged(std::string_view experiment, int64_t most);
  [[nodiscard]] Result<std::optional<KeptTexts>> texts(int64_t comparison, int64_t now_us);
  Status vote(int64_t comparison, Vote vote);
  // Texts that are too old, and rows beyond the bound. How many went.
  Result<int64_t> sweep(int64_t now_us);
  Status wipe();

 private:
  explicit TrialShelf(sqlite::Database database) : database_(std::move(database)) {}
  Status prepare(Access access);

  sqlite::Database database_;
};

}  // namespace weir
