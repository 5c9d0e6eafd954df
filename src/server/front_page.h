// The page at `/`, for a person with a browser: what this is, what was found, the last requests, what they cost. One
// HTML text that loads nothing and runs nothing; whatever comes from outside (names of models, callers' words) is
// escaped. Never shows a prompt: the ledger has none. Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "ledger/store.h"
#include "pipeline/deployment.h"

namespace weir {

struct FrontPage {
  std::string_view base_url;  // as it was called: `http://127.0.0.1:4077`
  std::string_view state;     // `ready`, `draining`, …
  const Deployment& deployment;
  int64_t loop_ms = 0;             // of the loop's clock, for breakers
  int64_t wall_us = 0;             // since the Unix epoch
  const Latest* latest = nullptr;  // null: the ledger did not answer
};

[[nodiscard]] std::string front_page(const FrontPage& page);
// For whom nothing of that is to be seen; `why` is a sentence.
[[nodiscard]] std::string closed_front_page(std::string_view base_url, std::string_view why);
// The same for programs, as JSON.
[[nodiscard]] std::string front_words(std::string_view base_url);

// Header lines of both pages: a policy that lets nothing load, run, frame or be read from elsewhere.
[[nodiscard]] const std::string& front_page_fields();

}  // namespace weir
