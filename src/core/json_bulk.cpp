#include "core/json_bulk.h"

#include "core/json_scan.h"

namespace weir::json {
namespace {

constexpr std::ptrdiff_t most_digits = 18;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

const char* skip_digits(const char* at, const char* end) {
  while (at != end && is_digit(*at)) ++at;
  return at;
}

// Behind the number that begins at `at`; null when none of the plain kind does.
const char* plain_number(const char* at, const char* end, bool& integer) {
  if (at != end && *at == '-') ++at;
  const char* const whole = at;
  at = skip_digits(at, end);
  if (at == whole || at - whole > most_digits || (*whole == '0' && at - whole > 1)) return nullptr;
  integer = at == end || *at != '.';
  if (integer) return at;
  const char* const fraction = at + 1;
  at = skip_digits(fraction, end);
  return at == fraction || at - fraction > most_digits ? nullptr : at;
}

}  // namespace

NumberRun number_run(const char* at, const char* end) {
  NumberRun run{.end = at};
  for (const char* begin = at;;) {
    bool integer = true;
    const char* const stop = plain_number(begin, end, integer);
    if (stop == nullptr) return run;
    const char* const behind = skip_blanks(stop, end);
    if (behind == end || (*behind != ',' && *behind != ']')) return run;
    if (run.count == 0 || (run.integers && !integer)) {
      run.example_begin = begin;
      run.example_end = stop;
    }
    run.integers = run.integers && integer;
    run.end = stop;
    ++run.count;
    if (*behind == ']') return run;
    begin = skip_blanks(behind + 1, end);
  }
}

Bulk survey_bulk(std::string_view text) {
  Bulk bulk;
  const char* const base = text.data();
  const char* const end = base + text.size();
  const auto offset = [&](const char* at) { return static_cast<std::size_t>(at - base); };
  bool element = false;  // an element of an array could begin here
  for (const char* at = base; at < end;) {
    const char c = *at;
    if (element && (is_digit(c) || c == '-')) {
      element = false;
      const auto run = number_run(at, end);
      if (run.count < long_run) {
        bulk.values += run.count;
        at = run.count > 0 ? run.end : at + 1;
        continue;
      }
      bulk.cuts.push_back({offset(at), offset(run.end), offset(run.example_begin), offset(run.example_end)});
      bulk.left_out += run.count - 1;
      at = run.end;
      continue;
    }
    if (c == '"') {
      at = closing_quote(at + 1, end);
      element = false;
      if (at < end) ++at;
      continue;
    }
    if (c == ',' || c == '[' || c == '{' || c == ':') {
      ++bulk.values;
      element = c == ',' || c == '[';
    } else if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
      element = false;
    }
    ++at;
  }
  return bulk;
}

std::string lean_text(std::string_view text, const Bulk& bulk) {
  std::size_t size = text.size();
  for (const auto& cut : bulk.cuts) size -= (cut.end - cut.begin) - (cut.example_end - cut.example_begin);
  std::string lean;
  lean.reserve(size + 64);  // what a parser reads beyond the end
  std::size_t at = 0;
  for (const auto& cut : bulk.cuts) {
    lean += text.substr(at, cut.begin - at);
    lean += text.substr(cut.example_begin, cut.example_end - cut.example_begin);
    at = cut.end;
  }
  lean += text.substr(at);
  return lean;
}

}  // namespace weir::json
