#include "redaction/redact_text.h"

#include <algorithm>

#include "core/json.h"
#include "redaction/json_state.h"

namespace weir::redaction {
namespace {

bool is_alnum(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_of_number(char c) { return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'; }

bool all_hex(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return false;
  return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at),
                     text.begin() + static_cast<std::ptrdiff_t>(at + count), is_hex);
}

// A backslash before the value makes its first letter an escape: `\nanna@…`.
std::size_t behind_escape(std::string_view text, std::size_t begin, std::size_t end) {
  std::size_t slashes = 0;
  while (slashes < begin && text[begin - 1 - slashes] == '\\') ++slashes;
  if (slashes % 2 == 0 || begin >= end) return begin;
  const char c = text[begin];
  std::size_t size = 0;
  if (std::string_view("ntrbf\"\\/").find(c) != std::string_view::npos) size = 1;
  if (c == 'u' && all_hex(text, begin + 1, 4)) size = 5;
  if (c == 'x' && all_hex(text, begin + 1, 2)) size = 3;
  return size > 0 && begin + size < end ? begin + size : begin - 1;
}

bool is_inside_character(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80;
}

bool is_json(std::string_view text) {
  simdjson::dom::parser parser;
  return parser.parse(text.data(), text.size()).error() == simdjson::SUCCESS;
}

std::string escaped(std::string_view text) {
  std::string out;
  json::append_string(out, text);
  return out.substr(1, out.size() - 2);
}

// A piece of a JSON string as what it means, where that can be written in one way only.
std::optional<std::string> resolved(std::string_view piece) {
  if (piece.find('\\') == std::string_view::npos) return std::string(piece);
  simdjson::dom::parser parser;
  const std::string quoted = '"' + std::string(piece) + '"';
  std::string_view text;
  if (parser.parse(quoted).get(text) != simdjson::SUCCESS || escaped(text) != piece) return std::nullopt;
  return std::string(text);
}

}  // namespace

void settle(std::vector<Span>& spans, std::string_view text) {
  for (Span& span : spans) {
    span.end = std::min(span.end, text.size());
    span.begin = std::min(span.begin, span.end);
    span.begin = behind_escape(text, span.begin, span.end);
    while (span.begin > 0 && is_inside_character(text, span.begin)) --span.begin;
    while (is_inside_character(text, span.end)) ++span.end;
  }
  std::erase_if(spans, [](const Span& span) { return span.begin >= span.end; });
  // Of two kinds for one value the one that says more.
  const auto is_general = [](const Span& span) { return span.what == "identity_document" || span.what == "value"; };
  std::stable_sort(spans.begin(), spans.end(), [&](const Span& a, const Span& b) {
    if (a.begin != b.begin) return a.begin < b.begin;
    return a.end != b.end ? a.end > b.end : is_general(a) < is_general(b);
  });
  std::vector<Span> apart;
  for (Span& span : spans) {
    if (!apart.empty() && span.begin < apart.back().end) {
      apart.back().end = std::max(apart.back().end, span.end);
    } else {
      apart.push_back(std::move(span));
    }
  }
  spans = std::move(apart);
}

std::vector<Named> name_values(std::string_view text, const std::vector<Span>& spans, Role role, bool numeric,
                               Replacements& known) {
  std::vector<Named> out;
  const bool arguments = role == Role::arguments && is_json(text);
  JsonState state(arguments ? JsonState::Of::json : JsonState::Of::text);
  std::size_t passed = 0;
  for (Span span : spans) {
    if (span.begin > passed) {
      state.pass(text.substr(passed, span.begin - passed));
      passed = span.begin;
    }
    bool number = numeric;
    if (arguments && !state.in_string() && is_of_number(text[span.begin])) {
      number = true;
      while (span.begin > 0 && is_of_number(text[span.begin - 1])) --span.begin;
      while (span.end < text.size() && is_of_number(text[span.end])) ++span.end;
      if (!out.empty() && out.back().span.end > span.begin) continue;
    }
    const std::string_view written = text.substr(span.begin, span.end - span.begin);
    std::string value(written);
    bool as_written = state.in_string() && written.find('\\') != std::string_view::npos;
    if (arguments && as_written) {
      if (auto meant = resolved(written)) {
        value = std::move(*meant);
        as_written = false;
      }
    }
    value = known.placeholders.restore(value, Placeholders::Ends::here).text;
    std::string name = known.take(span.what, value);
    const std::string bare = name.substr(1, name.size() - 2);
    if (as_written) known.escaped.insert(bare);
    (number ? known.numbers : known.not_numbers).insert(bare);
    out.push_back({.span = std::move(span), .name = std::move(name)});
  }
  return out;
}

std::optional<std::string> with_names(std::string_view text, const std::vector<Named>& named, Role role) {
  const bool arguments = role == Role::arguments && is_json(text);
  JsonState state(arguments ? JsonState::Of::json : JsonState::Of::text);
  std::string out;
  std::size_t at = 0;
  for (const Named& one : named) {
    const auto before = text.substr(at, one.span.begin - at);
    state.pass(before);
    out += before;
    const std::string_view bare(one.name.data() + 1, one.name.size() - 2);
    if (role == Role::name) {
      const bool joined = (one.span.begin > 0 && is_alnum(text[one.span.begin - 1])) ||
                          (one.span.end < text.size() && is_alnum(text[one.span.end]));
      if (joined) return std::nullopt;
      out += bare;
    } else if (arguments && !state.in_string()) {
      out += '"' + one.name + '"';
    } else {
      out += one.name;
    }
    state.pass(text.substr(one.span.begin, one.span.end - one.span.begin));
    at = one.span.end;
  }
  out += text.substr(at);
  if (arguments && !is_json(out)) return std::nullopt;
  return out;
}

}  // namespace weir::redaction
