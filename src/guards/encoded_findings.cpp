#include "guards/encoded_findings.h"

#include <algorithm>
#include <functional>
#include <string>

#include "guards/encoded.h"
#include "guards/plain_texts.h"

namespace weir::guards {
namespace {

constexpr std::size_t longest_label = 64;  // what stands before a run may say what is in it: `ssn: MDc4…`

bool is_within(std::string_view inner, std::string_view outer) {
  return !std::less<>()(inner.data(), outer.data()) &&
         !std::less<>()(outer.data() + outer.size(), inner.data() + inner.size());
}

// Of what is found in a label and the text that `letters` encode: all that reaches into the text, at the run's place.
void add_decoded(std::string_view label, std::string_view letters, const Run& run, const InspectPlain& inspect,
                 std::vector<Finding>& list) {
  PlainTexts plain({&letters, 1}, {});
  while (!plain.advance(SIZE_MAX)) {
  }
  if (!plain.changed()) return;
  for (const std::string_view decoded : plain.texts()) {
    if (is_within(decoded, letters)) continue;
    for (Finding one : inspect(std::string(label) + std::string(decoded))) {
      if (one.end <= label.size()) continue;
      one.begin = run.begin;
      one.end = run.end;
      list.push_back(one);
    }
  }
}

}  // namespace

void add_encoded_findings(std::string_view text, const InspectPlain& inspect, std::vector<Finding>& list) {
  for (std::size_t at = 0; at < text.size();) {
    const auto search = find_run(text, at, text.size(), shortest_run);
    if (search.begin == std::string_view::npos) break;
    Run run{.begin = search.begin, .end = search.begin, .line = search.begin};
    while (!follow(text, run, text.size(), Breaks::lines)) {
    }
    at = std::max(run.end, search.begin + 1);
    const auto begin = run.begin - std::min(run.begin, longest_label);
    const std::string_view label = text.substr(begin, run.begin - begin);
    // Where the text begins within a run, any of four letters may be the first of a group.
    const std::size_t phases = run.begin == 0 ? 4 : 1;
    for (std::size_t phase = 0; phase < phases && phase < run.end; ++phase) {
      add_decoded(label, text.substr(run.begin + phase, run.end - run.begin - phase), run, inspect, list);
    }
  }
}

}  // namespace weir::guards
