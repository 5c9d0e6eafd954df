#include "guards/placeholders.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "core/json.h"

namespace weir {
namespace {

constexpr int most_blanks = 8;            // between a bracket and a name
constexpr int most_parting = 3;           // characters between two words of a name
constexpr std::size_t longest_name = 64;  // letters and digits

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
bool is_number(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_letter(c) || is_number(c) || c == '_'; }
char capital(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

// A character as far as it matters here, however it is written.
struct Unit {
  enum class Sort : uint8_t { other, letter, digit, parting, blank, open, close, cut };
  Sort sort = Sort::other;
  char is = '\0';  // letter: its capital; digit, parting: itself; open, close: `<`, `>` for those that look like ours
  std::size_t size = 1;
};
using Sort = Unit::Sort;

struct Spelling {
  std::string_view text;
  Sort sort;
  char is;
};

// What is more than a byte of ASCII.
constexpr Spelling spellings[] = {
    {"&lt;", Sort::open, '<'},     {"&gt;", Sort::close, '>'},    {"&#60;", Sort::open, '<'},
    {"&#62;", Sort::close, '>'},   {"&#x3c;", Sort::open, '<'},   {"&#x3e;", Sort::close, '>'},
    {"&#x3C;", Sort::open, '<'},   {"&#x3E;", Sort::close, '>'},  {"&#060;", Sort::open, '<'},
    {"&#062;", Sort::close, '>'},  {"&amp;lt;", Sort::open, '<'}, {"&amp;gt;", Sort::close, '>'},
    {"&#95;", Sort::parting, '_'}, {"\\u003c", Sort::open, '<'},  {"\\u003e", Sort::close, '>'},
    {"\\u003C", Sort::open, '<'},  {"\\u003E", Sort::close, '>'}, {"\\x3c", Sort::open, '<'},
    {"\\x3e", Sort::close, '>'},   {"\\<", Sort::open, '<'},      {"\\>", Sort::close, '>'},
    {"\\[", Sort::open, '['},      {"\\]", Sort::close, ']'},     {"\\_", Sort::parting, '_'},
    {"\\-", Sort::parting, '-'},   {"%3C", Sort::open, '<'},      {"%3E", Sort::close, '>'},
    {"%3c", Sort::open, '<'},      {"%3e", Sort::close, '>'},     {"%5F", Sort::parting, '_'},
    {"«", Sort::open, '<'},        {"»", Sort::close, '>'},       {"‹", Sort::open, '<'},
    {"›", Sort::close, '>'},       {"＜", Sort::open, '<'},       {"＞", Sort::close, '>'},
    {"〈", Sort::open, '<'},       {"〉", Sort::close, '>'},      {"《", Sort::open, '<'},
    {"》", Sort::close, '>'},      {"⟨", Sort::open, '<'},        {"⟩", Sort::close, '>'},
    {"〈", Sort::open, '<'},       {"〉", Sort::close, '>'},      {"「", Sort::open, '['},
    {"」", Sort::close, ']'},      {"『", Sort::open, '['},       {"』", Sort::close, ']'},
    {"【", Sort::open, '['},       {"】", Sort::close, ']'},      {"〔", Sort::open, '['},
    {"〕", Sort::close, ']'},      {"［", Sort::open, '['},       {"］", Sort::close, ']'},
    {"（", Sort::open, '('},       {"）", Sort::close, ')'},      {"｛", Sort::open, '{'},
    {"｝", Sort::close, '}'},      {"＿", Sort::parting, '_'},    {"－", Sort::parting, '-'},
    {"‐", Sort::parting, '-'},     {"‑", Sort::parting, '-'},     {"‒", Sort::parting, '-'},
    {"–", Sort::parting, '-'},     {"—", Sort::parting, '-'},     {"−", Sort::parting, '-'},
    {"\u00a0", Sort::blank, ' '},  {"\u202f", Sort::blank, ' '},  {"\u2009", Sort::blank, ' '},
    {"\u200b", Sort::blank, ' '},  {"\u200c", Sort::blank, ' '},  {"\u200d", Sort::blank, ' '},
    {"\u2060", Sort::blank, ' '},  {"\u3000", Sort::blank, ' '},  {"\ufeff", Sort::blank, ' '},
};

// Letters and digits of full width.
std::optional<char> narrow(std::string_view text, std::size_t at) {
  if (at + 2 >= text.size() || text[at] != '\xEF') return std::nullopt;
  const auto second = static_cast<unsigned char>(text[at + 1]);
  const auto third = static_cast<unsigned char>(text[at + 2]);
  if (second != 0xBC && second != 0xBD) return std::nullopt;
  const int value = (second == 0xBC ? 0xFF00 : 0xFF40) + (third & 0x3F) - 0xFEE0;
  if (value > 0x20 && value < 0x7F && (is_letter(static_cast<char>(value)) || is_number(static_cast<char>(value)))) {
    return static_cast<char>(value);
  }
  return std::nullopt;
}

Unit unit_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {.sort = Sort::cut, .size = 0};
  const char c = text[at];
  if (is_letter(c)) return {.sort = Sort::letter, .is = capital(c)};
  if (is_number(c)) return {.sort = Sort::digit, .is = c};
  switch (c) {
    case '_':
    case '-':
      return {.sort = Sort::parting, .is = c};
    case ' ':
    case '\t':
    case '*':  // marks of emphasis and code
    case '`':
      return {.sort = Sort::blank, .is = c};
    case '<':
    case '[':
    case '(':
    case '{':
      return {.sort = Sort::open, .is = c};
    case '>':
    case ']':
    case ')':
    case '}':
      return {.sort = Sort::close, .is = c};
    default:
      break;
  }
  if (c != '&' && c != '\\' && c != '%' && static_cast<unsigned char>(c) < 0x80) return {};
  if (const auto letter = narrow(text, at)) {
    return {.sort = is_letter(*letter) ? Sort::letter : Sort::digit, .is = capital(*letter), .size = 3};
  }
  const std::string_view rest = text.substr(at);
  bool cut = rest.size() < 3 && c == '\xEF';
  for (const Spelling& one : spellings) {
    if (rest.starts_with(one.text)) return {.sort = one.sort, .is = one.is, .size = one.text.size()};
    cut = cut || one.text.starts_with(rest);
  }
  if (cut) return {.sort = Sort::cut, .size = 0};
  return {};
}

// A name with its number: `EMAIL_1`, `US_SSN_2`.
struct Numbered {
  std::string kind;
  uint64_t number = 0;
};

std::optional<Numbered> numbered(std::string_view name) {
  const std::size_t mark = name.rfind('_');
  if (mark == std::string_view::npos || mark == 0 || mark + 1 >= name.size() || name.size() - mark > 10) {
    return std::nullopt;
  }
  Numbered out{.kind = std::string(name.substr(0, mark))};
  for (const char c : name.substr(mark + 1)) {
    if (!is_number(c)) return std::nullopt;
    out.number = out.number * 10 + static_cast<uint64_t>(c - '0');
  }
  return out;
}

std::string squeezed(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (is_letter(c) || is_number(c)) out.push_back(capital(c));
  }
  return out;
}

}  // namespace

std::string Placeholders::capitals(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return is_letter(c) || is_number(c) ? capital(c) : '_'; });
  return out;
}

void Placeholders::avoid(std::string_view text) {
  for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
    const std::size_t end = text.find('>', at);
    if (end == std::string_view::npos) return;
    if (end - at > longest_name) continue;
    if (const auto name = numbered(capitals(text.substr(at + 1, end - at - 1)))) {
      taken_[name->kind].push_back(name->number);
    }
  }
}

void Placeholders::add(std::string name, std::string_view value) {
  if (values_.empty()) {
    for (const Spelling& one : spellings) {
      if (one.sort == Sort::open) first_.set(static_cast<unsigned char>(one.text.front()));
    }
    for (const char c : {'<', '[', '(', '{', '\xEF'}) first_.set(static_cast<unsigned char>(c));
  }
  first_.set(static_cast<unsigned char>(name.front()));
  first_.set(static_cast<unsigned char>(name.front() | 0x20));
  std::string key = squeezed(name);
  values_[std::move(key)] = {.name = std::move(name), .value = std::string(value)};
}

const std::string& Placeholders::of(std::string_view what, std::string_view value) {
  std::string& name = name_of_[fmt::format("{} {}", what, value)];
  if (!name.empty()) return name;
  std::string kind = capitals(what);
  if (kind.empty() || !is_letter(kind.front())) kind.insert(0, "VALUE_");
  const auto taken = taken_.find(kind);
  uint64_t& number = next_[kind];
  const auto is_taken = [&](uint64_t one) {
    if (taken != taken_.end() && std::find(taken->second.begin(), taken->second.end(), one) != taken->second.end()) {
      return true;
    }
    return values_.contains(squeezed(fmt::format("{}{}", kind, one)));
  };
  do {
    ++number;
  } while (is_taken(number));
  const std::string bare = fmt::format("{}_{}", kind, number);
  add(bare, value);
  name = fmt::format("<{}>", bare);
  return name;
}

std::string Placeholders::json() const {
  std::string out = "{";
  for (const auto& [key, entry] : values_) {
    out += out.size() == 1 ? "\n  " : ",\n  ";
    json::append_string(out, fmt::format("<{}>", entry.name));
    out += ": ";
    json::append_string(out, entry.value);
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
    // A name that would be read as another one when it comes back is none of ours.
    const std::string bare = capitals(inner);
    const auto parts = numbered(bare);
    const bool ours = parts && is_letter(bare.front()) && bare.find("__") == std::string::npos &&
                      (parts->number == 0 || bare[bare.rfind('_') + 1] != '0') && bare.size() <= longest_name;
    if (value.get(put_back) != simdjson::SUCCESS || !ours) return refused();
    out.add(bare, put_back);
  }
  return out;
}

bool Placeholders::is_prefix(std::string_view wanted) const {
  const auto at = values_.lower_bound(wanted);
  return at != values_.end() && std::string_view(at->first).starts_with(wanted);
}

const Placeholders::Entry* Placeholders::find(std::string_view wanted) const {
  const auto at = values_.find(wanted);
  return at == values_.end() ? nullptr : &at->second;
}

Placeholders::Match Placeholders::match(std::string_view text, std::size_t at, char before, Ends ends,
                                        Within within) const {
  using State = Match::State;
  const Match cut{.state = ends == Ends::later ? State::undecided : State::none};
  if (at >= text.size() || !may_begin(text[at])) return {};
  std::size_t place = at;
  Unit unit = unit_at(text, place);
  if (unit.sort == Sort::cut) return cut;
  const Unit open = unit.sort == Sort::open ? unit : Unit{};
  const bool opened = unit.sort == Sort::open;
  if (!opened && unit.sort != Sort::letter) return {};
  const bool inside_word = within == Within::name ? is_letter(before) || is_number(before) : is_word(before);
  if (!opened && inside_word) return {};
  int blanks = 0;
  while (opened && (place == at || unit.sort == Sort::blank)) {
    if (++blanks > most_blanks) return {};
    place += unit.size;
    unit = unit_at(text, place);
  }

  // As long as it may be one of ours. What parts words counts only where another letter or digit follows.
  std::array<char, longest_name> name;
  std::size_t size = 0;
  const Entry* entry = nullptr;
  std::size_t end = place;  // behind the last letter or digit
  int parting = 0;
  bool underscored = false;
  bool hyphened = false;
  bool capital_letters = true;
  bool plural = false;
  for (;; place += unit.size, unit = unit_at(text, place)) {
    if (unit.sort == Sort::cut && place < text.size() && ends == Ends::here) unit = Unit{};
    if (unit.sort == Sort::letter || unit.sort == Sort::digit) {
      if (size == name.size()) return {};
      if (entry != nullptr && unit.is == 'S' && !plural && parting == 0) {  // `<EMAIL_1s>`
        plural = true;
        end = place + unit.size;
        continue;
      }
      if (unit.sort == Sort::digit && unit.is == '0' && size > 0 && (parting > 0 || is_letter(name[size - 1]))) {
        // A number that is filled up: `EMAIL_01`.
        const Unit next = unit_at(text, place + unit.size);
        if (next.sort == Sort::cut && ends == Ends::later) return cut;
        if (next.sort == Sort::digit) continue;
      }
      name[size++] = unit.is;
      const std::string_view so_far(name.data(), size);
      if (!is_prefix(so_far)) {
        // `EMAILS_1`: an S before the number.
        if (unit.is != 'S' || plural || !is_prefix(so_far.substr(0, size - 1))) {
          --size;
          if (entry != nullptr && parting > 0) break;
          return {};
        }
        plural = true;
        --size;
      }
      capital_letters = capital_letters && (unit.size > 1 || !(text[place] >= 'a' && text[place] <= 'z'));
      parting = 0;
      end = place + unit.size;
      entry = find({name.data(), size});
    } else if ((unit.sort == Sort::parting || (opened && unit.sort == Sort::blank)) && size > 0 &&
               ++parting <= most_parting) {
      if (entry == nullptr) {
        underscored = underscored || unit.is == '_';
        hyphened = hyphened || unit.is == '-';
      }
    } else {
      break;
    }
  }
  if (size == 0) return unit.sort == Sort::cut && opened ? cut : Match{};
  if (unit.sort == Sort::cut && ends == Ends::later) return cut;
  if (entry == nullptr) return {};
  // Behind a name without brackets nothing may stand that belongs to its word.
  if (end < text.size() && !opened) {
    const Unit next = unit_at(text, end);
    const bool goes_on = next.sort == Sort::letter || next.sort == Sort::digit ||
                         (next.sort == Sort::parting && next.is == '_' && next.size == 1 && within == Within::text) ||
                         (next.sort == Sort::other && static_cast<unsigned char>(text[end]) >= 0x80 && plural);
    if (goes_on) return {};
  }
  std::size_t past = end;
  Unit close = unit_at(text, past);
  for (blanks = 0; close.sort == Sort::blank && blanks < most_blanks && opened; ++blanks) {
    past += close.size;
    close = unit_at(text, past);
  }
  if (close.sort == Sort::cut && ends == Ends::later) return cut;
  const bool written_as_ours = underscored || (hyphened && capital_letters);
  const bool closed = close.sort == Sort::close && (opened || (close.is == '>' && written_as_ours));
  const bool meant = opened ? closed || (open.is == '<' && written_as_ours) : written_as_ours;
  if (!meant) return {};
  return {.state = State::found, .end = closed ? past + close.size : end, .name = entry->name, .value = entry->value};
}

Placeholders::Restored Placeholders::restore(std::string_view text, Ends ends, char before) const {
  Restored out;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto here = match(text, at, at == 0 ? before : text[at - 1], ends);
    if (here.state == Match::State::undecided) break;
    if (here.state == Match::State::found) {
      out.text += here.value;
      at = here.end;
    } else {
      out.text.push_back(text[at++]);
    }
  }
  out.rest = text.size() - at;
  out.last = at > 0 ? text[at - 1] : before;
  return out;
}

std::vector<std::string> Placeholders::names_in(std::string_view text, Within within) const {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < text.size();) {
    const auto here = match(text, at, at == 0 ? '\0' : text[at - 1], Ends::here, within);
    if (here.state == Match::State::found) names.emplace_back(here.name);
    at = here.state == Match::State::found ? here.end : at + 1;
  }
  return names;
}

}  // namespace weir
