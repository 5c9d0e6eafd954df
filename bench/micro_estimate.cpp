// What an estimate of task and difficulty costs a request: prompts of 100 bytes, 1 KB and more than is read.
#include <benchmark/benchmark.h>

#include <string>

#include "routing/estimator.h"

namespace {

void estimate(benchmark::State& state) {
  const auto estimator = weir::routing::shipped_estimator();
  std::string prompt;
  while (prompt.size() < static_cast<std::size_t>(state.range(0))) {
    prompt +=
        "A train leaves at 9:40 and travels 120 km in 1.5 hours; compare its speed with that of a bus, step by step. ";
  }
  prompt.resize(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(estimator->estimate(prompt));
}

}  // namespace

BENCHMARK(estimate)->Arg(100)->Arg(1024)->Arg(100 * 1024)->Unit(benchmark::kMicrosecond);
