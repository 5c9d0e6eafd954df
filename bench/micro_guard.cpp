// How fast all built-in guards read text together, as they do for every request.
#include <benchmark/benchmark.h>

#include <string>
#include <string_view>
#include <vector>

#include "guards/guard.h"

namespace weir {
namespace {

constexpr std::string_view plain =
    "The weir below the old mill was built to steer the river into the race that drove the wheel, and it still measures how "
    "much water comes down from the hills. In spring the level rises by more than a metre within a day; in late summer one "
    "can cross on the stones without wet feet. Anglers know the pool behind it, children jump from the wall, and the town "
    "keeps a record of every flood on the gate post. Nobody remembers who began it. Please summarise the text above in two "
    "sentences, and say what a visitor should know before a walk along the bank. ";

constexpr std::string_view with_numbers =
    "On 2026-03-14 at 08:15 the level was 3.27 m, 12.5 % above the mean of 1991-2020; the flow was 184 m3/s (gauge 2410035, "
    "row 17 of 365). Version 4.18.2 of the model gave 3.19, 3.24 and 3.31 for 09:00, 10:00 and 11:00. Invoice 2026/0815, "
    "total 1,249.90 EUR, order A-4711-22, page 3/12, https://example.org/levels?id=99812&from=20260301#table. ";

constexpr std::string_view source_code =
    "const int64_t level = read_gauge(sensor_id, 0x3f, {.timeout_ms = 1500});\nif (level > limits[i].high) { notify(\"gate\", "
    "level); }\nfor (auto& [name, value] : readings) total += value * 1.0e-3; // mm to m\nreturn std::make_pair(total / n, n);\n";

constexpr std::string_view private_things =
    "Write to jane.doe@example.com or call +49 30 901820; the card is 4111 1111 1111 1111, the account DE89370400440532013000. ";

std::string repeated(std::string_view text, std::size_t size) {
  std::string out;
  while (out.size() < size) out += text;
  return out;
}

void classify(benchmark::State& state, std::string_view text) {
  const GuardSet guards{GuardSettings{}};
  const std::string long_text = repeated(text, static_cast<std::size_t>(state.range(0)));
  const std::vector<std::string_view> texts{long_text};
  for (auto _ : state) benchmark::DoNotOptimize(guards.classify(texts));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(long_text.size()));
}

BENCHMARK_CAPTURE(classify, plain, plain)->Arg(64 * 1024);
BENCHMARK_CAPTURE(classify, plain_short, plain)->Arg(1024);
BENCHMARK_CAPTURE(classify, with_numbers, with_numbers)->Arg(64 * 1024);
BENCHMARK_CAPTURE(classify, source_code, source_code)->Arg(64 * 1024);
BENCHMARK_CAPTURE(classify, private_things, private_things)->Arg(64 * 1024);

}  // namespace
}  // namespace weir
