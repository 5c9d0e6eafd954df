// One level of a load test: so many streaming chat requests in flight at a model server until enough were answered or
// the time is up. Dials out through upstream/ like the gateway itself. Runs an event loop of its own on the calling
// thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/snapshot.h"
#include "economics/sizing/measurement.h"

namespace weir {

// Fields beside OpenAI's that make servers of one's own measure what is asked: answers of full length, no prompt cache.
// Hosted services refuse what they don't know.
enum class Extras : uint8_t { none, local };

struct LoadSettings {
  std::string model;
  int64_t concurrency = 1;
  int64_t requests = 1;        // in all; none is begun beyond
  int64_t seconds = 60;        // none is begun after
  int64_t prompt_words = 256;  // a word is a token or several, as the model sees it
  int64_t output_tokens = 128;
  int64_t first_number = 0;  // prompts are numbered, so that no two are alike
  Extras extras = Extras::local;
};

struct LoadRun {
  std::vector<plan::Sample> samples;  // of failed ones too
  std::optional<Error> error;         // the first
};

// Told after each answer: how many came, how many tokens so far.
using LoadProgress = std::function<void(int64_t answered, int64_t tokens)>;

[[nodiscard]] LoadRun run_load(const ProviderSettings& server, const LoadSettings& settings,
                               const LoadProgress& progress);

}  // namespace weir
