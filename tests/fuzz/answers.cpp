// Any bytes as a file of answers: never a crash; what is refused gets a message and names a place; what is taken is
// within what the cost model takes, is advised, and gives a configuration that loads.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "config/load.h"
#include "economics/advice/advice.h"
#include "economics/base/money.h"

namespace {

void require(bool truth) {
  if (!truth) std::abort();
}

void advise_on(const weir::plan::Answers& answers) {
  static const weir::Catalog prices("2026-11-25");
  require(answers.workload.requests >= 1 && answers.workload.tokens.input >= answers.workload.requests);
  const auto costed = weir::plan::economics_of(answers, prices);
  if (!costed) {
    // A model that was told has no price, or fits nowhere.
    require(!costed.error().message.empty());
    require(!answers.told.cloud_model.empty() || !answers.told.local_model.empty() ||
            !answers.told.quantisation.empty());
    return;
  }
  const auto& economics = *costed;
  const auto advice = weir::plan::advise(answers, economics);
  for (const auto& option : economics.options.values) {
    require(option.monthly > 0 && option.monthly < weir::plan::most_money);
    require(option.monthly == option.cloud_part + option.machines_part + option.people_part);
  }
  if (weir::plan::classes_that_stay(answers) != 0) require(advice.verdict != weir::plan::Verdict::cloud);
  const auto loaded =
      weir::load_config_text(weir::plan::weir_yaml(answers, advice, economics), "weir.yaml",
                             {.environment = [](std::string_view) { return std::optional<std::string>("key"); },
                              .catalog = nullptr,
                              .read_file = nullptr});
  require(loaded.usable());
  (void)weir::plan::to_text(weir::plan::to_report(answers, advice, economics), 80);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = weir::plan::read_answers(text, "fuzz.yaml");
  for (const auto& problem : read.problems) require(!problem.message.empty());
  require(read.answers.has_value() || !read.problems.empty());
  if (read.answers) advise_on(*read.answers);
  return 0;
}
