// Estimator: what is guessed of a request before anything is decided: which task it is, and how likely a small model's
// answer is not good enough. One ships with the binary; `weir learn` makes another in the data folder. Immutable; any
// thread.
//
// The file (all numbers little-endian): the 8 bytes `weirestm`, version u32 (1), length of what follows u64, CRC-32 of
// it u32; then notes as JSON (length u32 first), the task model and the gain model; see model_file.cpp. Weights of
// words are kept in 8 bits.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "routing/gain_model.h"
#include "routing/task_model.h"

namespace weir {
struct Request;
}

namespace weir::routing {

struct Estimate {
  std::string_view task;   // of task_names; static
  double difficulty = -1;  // 0 to 1
};

// What is known of how it was made: for people, and to compare it with another.
struct EstimatorNotes {
  std::string made;      // `2026-11-29T01:00:00Z`; "" = ships with the binary
  std::size_t rows = 0;  // that the difficulty was learned from
  double apgr = 0;       // on rows that were not trained on; 0 = not measured
};

struct Estimator {
  EstimatorNotes notes;
  TaskModel tasks;
  GainModel gain;

  [[nodiscard]] Estimate estimate(std::string_view prompt) const;
};

// What of a request is estimated: the last thing that the user said, with what the user said before it where that is
// short. `buffer` holds it where it stands in several parts. "" where there is no such thing (embeddings …).
[[nodiscard]] std::string_view prompt_of(const Request& request, std::string& buffer);

[[nodiscard]] std::string write_estimator(const Estimator& estimator);
// Errors: what is wrong with the bytes; invalid_request.
[[nodiscard]] Result<Estimator> read_estimator(std::string_view bytes);

// The one that ships.
[[nodiscard]] std::shared_ptr<const Estimator> shipped_estimator();
// The one that serves from a data folder: what `weir learn` left there, else the one that ships. Where the file is no
// good, the one that ships, and `fault` says why.
[[nodiscard]] std::shared_ptr<const Estimator> estimator_of(const std::string& data_folder, std::string& fault);
[[nodiscard]] std::string estimator_file(const std::string& data_folder);
// The templates of task_prompts.h, as they ship.
[[nodiscard]] std::string_view shipped_task_prompts();

}  // namespace weir::routing
