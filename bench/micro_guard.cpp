// Speed of the guards: bytes per second on one core, all built-in detectors on, over plain English, code, JSON, digits
// and other kinds of text. `bytes_per_second` of `plain_english` is the figure of the speed table.
#include <benchmark/benchmark.h>

#include <string>
#include <string_view>
#include <vector>

#include "guards/guard.h"

namespace {

constexpr std::string_view english =
    "The river rose through the night, and by the time the miller had opened the second gate the water stood a hand "
    "below "
    "the sill. He had seen it higher only once, in the spring of 1977, when the bridge at the lower ford was carried "
    "away. "
    "Nobody in the village spoke of that year without lowering his voice. What the children remembered was the silence "
    "afterwards: no wheel, no birds, and a smell of wet flour that stayed in the houses for 3 weeks. A committee was "
    "formed to decide whether the weir should be raised; its members met on Thursdays, agreed on nothing, and were "
    "paid 12 "
    "shillings each. In the end it was the blacksmith who settled the question, because he owned the only crane. "
    "Please "
    "summarise the passage above in two sentences, list the people it mentions, and explain which of them had a reason "
    "to "
    "want the weir left as it was. Answer in plain words; do not invent details that are not in the text. ";

constexpr std::string_view source =
    "template <typename T>\nstd::vector<T> collect(const std::map<int, T>& values, std::size_t limit = 128) {\n  "
    "std::vector<T> out;\n  for (const auto& [key, value] : values) {\n    if (out.size() >= limit || key < 0) break;  "
    "// "
    "enough\n    out.push_back(value);\n  }\n  return out;\n}\n";

constexpr std::string_view json =
    R"({"role": "user", "name": "search_orders", "arguments": {"query": "late deliveries", "limit": 25, "sort": "desc", )"
    R"("filters": {"status": ["open", "held"], "since": "2026-01-15", "total": {"min": 10.5, "max": 99.95}}}, "id": 48213},)";

constexpr std::string_view digits = "12 4711 88 3 2048 16 0 9973 ";

constexpr std::string_view russian =
    "Река поднималась всю ночь, и к тому времени, когда мельник открыл второй затвор, вода стояла на ладонь ниже "
    "порога. ";

std::string repeat(std::string_view piece, std::size_t size) {
  std::string text;
  while (text.size() < size) text += piece;
  text.resize(size);
  return text;
}

void run(benchmark::State& state, const weir::GuardSettings& settings, std::string_view piece) {
  const weir::GuardSet guards(settings);
  const std::string text = repeat(piece, static_cast<std::size_t>(state.range(0)));
  const std::vector<std::string_view> texts{text};
  for ([[maybe_unused]] auto step : state) {
    weir::ClassSet classes = guards.classify(texts);
    benchmark::DoNotOptimize(classes);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * state.range(0));
}

void plain_english(benchmark::State& state) { run(state, {}, english); }
void source_code(benchmark::State& state) { run(state, {}, source); }
void json_text(benchmark::State& state) { run(state, {}, json); }
void many_numbers(benchmark::State& state) { run(state, {}, digits); }
void plain_russian(benchmark::State& state) { run(state, {}, russian); }

void english_with_names_looked_for(benchmark::State& state) {
  weir::GuardSettings settings;
  settings.identity = true;
  run(state, settings, english);
}

void english_with_5000_custom_words(benchmark::State& state) {
  weir::GuardSettings settings;
  settings.word_lists.push_back({.label = weir::ClassSet{1} << 7U, .words = {}});
  for (int i = 0; i < 5000; ++i)
    settings.word_lists[0].words.push_back("project " + std::to_string(i * 7919) + " basalt");
  run(state, settings, english);
}

}  // namespace

BENCHMARK(plain_english)->Arg(1 << 10)->Arg(1 << 20);
BENCHMARK(source_code)->Arg(1 << 20);
BENCHMARK(json_text)->Arg(1 << 20);
BENCHMARK(many_numbers)->Arg(1 << 20);
BENCHMARK(plain_russian)->Arg(1 << 20);
BENCHMARK(english_with_names_looked_for)->Arg(1 << 20);
BENCHMARK(english_with_5000_custom_words)->Arg(1 << 20);
