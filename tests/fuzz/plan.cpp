// Any bytes as a plan: never a crash, every problem has a message on one line, and a plan that reads adds up: parts to
// the total, and no cost that falls as the volume grows.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "economics/cost/assessment.h"
#include "economics/document/document.h"

namespace {

void require(bool truth) {
  if (!truth) std::abort();
}

void use(const weir::plan::Comparison& comparison) {
  using weir::plan::one_request;
  const weir::plan::CostModel model(comparison);
  for (std::size_t option = 0; option < comparison.options.size(); ++option) {
    weir::MicroDollars before = 0;
    for (int64_t requests = 1; requests <= weir::plan::most_requests; requests *= 10) {
      const auto total = model.quote(option, requests * one_request).total();
      require(total >= before && total <= weir::plan::most_money);
      before = total;
      const auto parts = model.parts(option, requests * one_request);
      weir::plan::Wide sum = 0;
      for (const auto& part : parts) sum += part.quote.total();
      require(parts.empty() || total == weir::plan::most_money || sum == total);
    }
  }
  if (comparison.options.size() > 3) return;  // the whole of a large plan takes too long to be tried often
  const auto found = weir::plan::assess(comparison);
  require(!weir::plan::to_json(found, comparison).empty());
  require(!weir::plan::to_text(weir::plan::to_report(found, comparison), 80).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  static const weir::plan::PriceBook book{
      .models = weir::Catalog("2026-11-25"), .gpu = weir::plan::find_gpu, .nearest_gpu = weir::plan::nearest_gpu};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = weir::plan::read_plan(text, "fuzz.yaml", book);
  require(read.comparison.has_value() != weir::has_errors(read.problems));
  for (const auto& problem : read.problems) {
    require(!problem.message.empty() && problem.message.find('\n') == std::string::npos);
  }
  (void)weir::render_problems(read.problems, text);
  if (read.comparison) use(*read.comparison);
  return 0;
}
