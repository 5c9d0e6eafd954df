#include "guards/placeholders.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "core/json.h"

namespace weir {
namespace {

constexpr std::size_t most_spaces = 8;    // between a bracket and a name
constexpr std::size_t longest_name = 64;  // with brackets and what parts its words

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
bool is_number(char c) { return c >= '0' && c <= '9'; }
char capital(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

std::string capitals(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), capital);
  return out;
}

constexpr std::string_view opening[] = {"<", "[", "(", "{", "&lt;", "\\u003c", "\\u003C", "«", "＜"};
constexpr std::string_view closing[] = {">", "]", ")", "}", "&gt;", "\\u003e", "\\u003E", "»", "＞"};

std::size_t size_of_any(std::string_view text, std::size_t at, const auto& list) {
  for (const std::string_view one : list) {
    if (text.substr(at, one.size()) == one) return one.size();
  }
  return 0;
}

bool parts_words(char c) { return c == '_' || c == '-' || c == ' '; }

// A name as it may have been written: `email 1`, `Us-SSN_2`.
struct Written {
  std::string name;  // EMAIL_1
  std::size_t end = 0;
  bool underscored = false;
  bool cut = false;  // the text ends within it
};

std::optional<Written> read_name(std::string_view text, std::size_t at) {
  Written out{.end = at};
  while (out.end < text.size() && out.end - at < longest_name) {
    const char c = text[out.end];
    if (is_letter(c)) {
      out.name.push_back(capital(c));
    } else if (is_number(c)) {
      // `IPV4_1`: a number ends the name unless another word follows.
      if (!out.name.empty() && is_letter(text[out.end - 1]) && out.name.back() != '_') {
        const bool kind_goes_on = out.end + 1 < text.size() && parts_words(text[out.end + 1]);
        if (!kind_goes_on) out.name.push_back('_');
      }
      out.name.push_back(c);
    } else if (parts_words(c) && !out.name.empty() && out.end + 1 < text.size() &&
               (is_letter(text[out.end + 1]) || is_number(text[out.end + 1]))) {
      out.underscored = out.underscored || c == '_';
      out.name.push_back('_');
    } else {
      break;
    }
    ++out.end;
  }
  out.cut = out.end == text.size();
  if (out.name.empty()) return std::nullopt;
  return out;
}

}  // namespace

void Placeholders::avoid(std::string_view text) {
  for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
    const auto name = read_name(text, at + 1);
    if (!name || text.substr(name->end, 1) != ">") continue;
    const std::size_t mark = name->name.rfind('_');
    if (mark == std::string::npos || mark + 1 >= name->name.size() || name->name.size() - mark > 10) continue;
    uint64_t number = 0;
    const std::string digits = name->name.substr(mark + 1);
    if (!std::all_of(digits.begin(), digits.end(), is_number)) continue;
    for (const char c : digits) number = number * 10 + static_cast<uint64_t>(c - '0');
    taken_[name->name.substr(0, mark)].push_back(number);
  }
}

const std::string& Placeholders::of(std::string_view what, std::string_view value) {
  std::string& name = name_of_[fmt::format("{} {}", what, value)];
  if (!name.empty()) return name;
  const std::string kind = capitals(what);
  const auto taken = taken_.find(kind);
  uint64_t& number = next_[kind];
  do {
    ++number;
  } while (taken != taken_.end() &&
           std::find(taken->second.begin(), taken->second.end(), number) != taken->second.end());
  const std::string bare = fmt::format("{}_{}", kind, number);
  value_of_[bare] = value;
  name = fmt::format("<{}>", bare);
  return name;
}

std::string Placeholders::json() const {
  std::string out = "{";
  for (const auto& [name, value] : value_of_) {
    out += out.size() == 1 ? "\n  " : ",\n  ";
    json::append_string(out, fmt::format("<{}>", name));
    out += ": ";
    json::append_string(out, value);
  }
  return out + "\n}\n";
}

Result<Placeholders> Placeholders::from_json(std::string_view text) {
  const auto refused = [] {
    return failure(Error{.code = ErrorCode::invalid_request,
                         .message = "this is no mapping as --map writes it: a JSON object of placeholders and values"});
  };
  Placeholders out;
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(text.data(), text.size()).get(object) != simdjson::SUCCESS) return refused();
  for (const auto& [name, value] : object) {
    std::string_view put_back;
    const bool bracketed = name.size() > 2 && name.front() == '<' && name.back() == '>';
    const auto inner = bracketed ? name.substr(1, name.size() - 2) : name;
    const auto bare = read_name(inner, 0);
    // A name that would be read as another one when it comes back is none of ours.
    const auto again = bare ? read_name(bare->name, 0) : std::nullopt;
    const bool whole =
        again && bare->end == inner.size() && again->name == bare->name && bare->name.find('_') != std::string::npos;
    if (value.get(put_back) != simdjson::SUCCESS || !whole) return refused();
    out.value_of_[bare->name] = put_back;
  }
  return out;
}

Placeholders::Restored Placeholders::restore(std::string_view text, Ends ends, char before) const {
  Restored out;
  std::size_t at = 0;
  const auto waits = [&](std::size_t from) { return ends == Ends::later && text.size() - from < longest_name + 48; };
  while (at < text.size()) {
    const std::size_t open = size_of_any(text, at, opening);
    const bool word = open == 0 && is_letter(text[at]) && !is_letter(at == 0 ? before : text[at - 1]);
    if (open == 0 && !word) {
      out.text.push_back(text[at++]);
      continue;
    }
    if (waits(at)) break;
    std::size_t begin = at + open;
    while (open > 0 && begin - at - open < most_spaces && begin < text.size() && text[begin] == ' ') ++begin;
    const auto name = read_name(text, begin);
    const auto value = name ? value_of_.find(name->name) : value_of_.end();
    std::size_t end = name ? name->end : begin;
    std::size_t close = 0;
    if (open > 0) {
      std::size_t past = end;
      while (past - end < most_spaces && past < text.size() && text[past] == ' ') ++past;
      close = size_of_any(text, past, closing);
      if (close > 0) end = past + close;
    }
    // Without brackets `email 1` may be anything; `EMAIL_1` is none by chance.
    const bool meant = value != value_of_.end() && (close > 0 || (open == 0 && name->underscored));
    if (meant) {
      out.text += value->second;
      at = end;
      continue;
    }
    const std::size_t passed = open > 0 ? open : 1;
    out.text.append(text, at, passed);
    at += passed;
  }
  out.rest = text.size() - at;
  out.last = at > 0 ? text[at - 1] : before;
  return out;
}

}  // namespace weir
