// Answers: what a team says of itself, for advice. Read from a file of answers (YAML), or asked one by one on a
// terminal through the same list of keys (answers_keys.h), so that both check alike. Values; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.h"
#include "core/sensitivity.h"
#include "core/usage.h"
#include "economics/base/workload.h"

namespace weir::plan {

enum class Latency : uint8_t { realtime, interactive, relaxed, batch };
enum class People : uint8_t { none, part_time, dedicated };  // who can run servers
enum class LoadShape : uint8_t { steady, office_hours, bursty };
enum class Residency : uint8_t { anywhere, eu, us, on_premises };  // where any of the data may go
enum class Customisation : uint8_t { none, prompting, fine_tuning };
enum class Quality : uint8_t { basic, good, best };
enum class Regulation : uint8_t { gdpr, hipaa, pci, dora, ferpa, professional_secrecy };

[[nodiscard]] std::string_view to_string(Latency value);
[[nodiscard]] std::string_view to_string(People value);
[[nodiscard]] std::string_view to_string(LoadShape value);
[[nodiscard]] std::string_view to_string(Residency value);
[[nodiscard]] std::string_view to_string(Customisation value);
[[nodiscard]] std::string_view to_string(Quality value);
[[nodiscard]] std::string_view to_string(Regulation value);

// Cards that are there already: nothing is paid for them but their power.
struct OwnedCards {
  std::string gpu;  // of the catalog
  int64_t cards = 1;
};

// What is told instead of assumed; every one of them can be left out.
struct Told {
  std::string cloud_model;   // `openai/gpt-5.4-mini`
  std::string local_model;   // `gpt-oss-120b`, `Qwen/Qwen3.6-27B-FP8`
  std::string quantisation;  // of it
  std::vector<OwnedCards> owned;
  std::optional<int64_t> cached_share;         // of prompt tokens, in parts per million
  std::optional<MicroDollars> staff;           // a month, for whoever runs local machines
  std::optional<MicroDollars> infrastructure;  // a month, monitoring included
  std::optional<MicroDollars> per_kwh;
};

struct Answers {
  std::string name;   // of the team; "" = not said
  Workload workload;  // of a month; hours follow from `load`, or are measured
  LoadShape load = LoadShape::steady;
  ClassSet sensitive = 0;       // the four classes that every config has
  int64_t sensitive_share = 0;  // of requests, in parts per million
  std::vector<Regulation> regulation;
  Residency residency = Residency::anywhere;
  Latency latency = Latency::interactive;
  Quality quality = Quality::good;
  Customisation customisation = Customisation::none;
  People people = People::none;
  std::optional<MicroDollars> budget;  // a month; nullopt = no limit said
  Told told;

  [[nodiscard]] int64_t input_per_request() const;  // tokens, rounded half up
  [[nodiscard]] int64_t output_per_request() const;
};

struct AnswersRead {
  std::optional<Answers> answers;  // nullopt when there are errors
  std::vector<Problem> problems;
};

// `file`: its name, for messages. `measured`: counts instead of what the file says of volume, tokens and load, which it
// need not say then. `options`: of a command line, which win over the file.
struct GivenAnswer {
  std::string_view key;
  std::string text;
};
[[nodiscard]] AnswersRead read_answers(std::string_view text, const std::string& file,
                                       const std::optional<Workload>& measured = std::nullopt,
                                       const std::vector<GivenAnswer>& options = {});

// One question after the other, in the order of a file's keys.
struct Question {
  std::string_view key;
  std::string_view text;      // `Requests a month.`
  std::string_view example;   // an answer
  std::string_view fallback;  // what an empty answer means; "" = there must be one
  std::vector<std::string_view> choices;
  bool several = false;  // an answer may name several choices, with commas between them
};
// The next question, given the answers so far (in order): some are left out where an earlier answer leaves nothing to
// ask. nullopt = that was the last one.
[[nodiscard]] std::optional<Question> next_question(const std::vector<GivenAnswer>& given,
                                                    const std::optional<Workload>& measured);
// What is wrong with an answer to `key`: message and mend; nullopt when it is good.
[[nodiscard]] std::optional<Problem> check_answer(const GivenAnswer& answer);
// The answers as a file, which read_answers takes.
[[nodiscard]] std::string answers_text(const std::vector<GivenAnswer>& given);

}  // namespace weir::plan
