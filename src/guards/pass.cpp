#include "guards/pass.h"

#include <algorithm>
#include <cstring>

#include "guards/characters.h"
#include "guards/decorations.h"
#include "guards/disguise.h"
#include "guards/line_break.h"

namespace weir::guards {
namespace {

constexpr int max_unescapes = 3;  // JSON in a string in JSON in a string

bool is_wide_at(std::string_view text, std::size_t at) {
  const char32_t value = character_at(text, at).value;
  return value == 0xFF20 || value == 0xFE6B;
}

// What a byte behind digits may be.
enum class Behind : uint8_t {
  nothing,  // neither the number goes on nor does its line end
  gap,      // either may be, by the bytes behind it
  more,     // either may be
};

constexpr auto behind_digits = [] {
  std::array<Behind, 256> table{};
  for (const char c : {' ', '-', '.', '(', ')', '/', '\t', '\v', '\f'})
    table[static_cast<unsigned char>(c)] = Behind::gap;
  for (const char c : {'\n', '\r', '\\'}) table[static_cast<unsigned char>(c)] = Behind::more;
  for (std::size_t c = 0x80; c < table.size(); ++c) table[c] = Behind::more;
  for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = Behind::more;
  return table;
}();

Behind behind(char c) { return behind_digits[static_cast<unsigned char>(c)]; }

// Whether digits with this behind them, four bytes at least, are a number of one group, in the middle of a line.
bool is_alone(const char* rest) {
  if (may_be_decorated(rest)) [[unlikely]]
    return false;
  if (rest[0] == '\\') return rest[1] != 'n' && rest[1] != 'r';
  for (std::size_t i = 0; i < 4; ++i) {
    if (behind(rest[i]) != Behind::gap) return behind(rest[i]) == Behind::nothing;
  }
  return false;
}

// See Triggers::within.
bool is_within(const Number& number, std::size_t group) {
  if (group == 0 || group + 1 >= number.count) return false;
  const Number::Group& here = number.groups[group];
  return here.begin - number.groups[group - 1].end == 1 && number.groups[group + 1].begin - here.end == 1 &&
         here.gap != '(' && here.gap != ')';
}

}  // namespace

Pass::Pass(const Parts& parts, std::string_view text, Findings& out, Until until, Tabled tabled)
    : parts_(parts), text_(text), out_(out), until_(until), tabled_(tabled), tables_(text) {
  if (tabled == Tabled::yes) out_.begin(text);
}

bool Pass::advance(std::size_t bytes) {
  const uint64_t leads = parts_.literals.begins_beyond_ascii() ? ~uint64_t{0} : 0;
  std::array<char, width + overhang + 1> tail{};
  const std::size_t end = next_ + std::min(bytes, text_.size() - next_);
  uint64_t carry_word = carry_word_;
  uint64_t carry_digit = carry_digit_;
  std::size_t base = next_;
  for (; base < end && !done(); base += width) {
    const char* block = text_.data() + base;
    const std::size_t rest = text_.size() - base;
    if (rest < width + overhang) {
      tail.fill(0);
      std::memcpy(tail.data(), block, rest);
      block = tail.data();
    }
    const Masks masks = parts_.scan_block(block, parts_.special);
    const uint64_t words = (masks.alnum & ~((masks.alnum << 1U) | carry_word)) | (masks.leads & leads);
    const uint64_t numbers = masks.digits & ~((masks.digits << 1U) | carry_digit);
    carry_word = masks.alnum >> 63U;
    carry_digit = masks.digits >> 63U;
    visit_words(words, block, base);
    if (const uint64_t runs = long_runs(masks.alnum); runs != 0) [[unlikely]]
      visit_long_runs(runs, base);
    // In order of position: numbers of any script share `number_end_`.
    for (uint64_t bits = masks.special | numbers; bits != 0; bits &= bits - 1) {
      const std::size_t at = low(bits);
      if (((numbers >> at) & 1U) != 0) {
        visit_digits(masks, at, block, base);
      } else if (const auto* guards = parts_.followers(block[at]);
                 guards == nullptr || (*guards)[static_cast<unsigned char>(block[at + 1])] != 0) {
        visit_special(base + at);
      }
    }
    while (tables_.has_row(base + width)) [[unlikely]] visit_row();
  }
  carry_word_ = carry_word;
  carry_digit_ = carry_digit;
  next_ = std::min(base, text_.size());
  if (tabled_ == Tabled::yes && !parts_.by_stretch.empty()) visit_stretches();
  return next_ == text_.size() || done();
}

// Each of its letters has a first byte of its own, where a word might begin: in `слово` one does.
inline bool goes_on_in_cyrillic(std::string_view text, std::size_t at) {
  const auto is_letter = [text](std::size_t place) {
    return (static_cast<unsigned char>(text[place]) & 0xFEU) == 0xD0;
  };
  return at >= 2 && is_letter(at) && is_letter(at - 2);
}

inline void Pass::visit_words(uint64_t bits, const char* block, std::size_t base) {
  const LiteralIndex::Filter filter = parts_.literals.filter();
  uint64_t likely = 0;
  for (; bits != 0; bits &= bits - 1) {
    const std::size_t at = low(bits);
    uint32_t first = 0;
    std::memcpy(&first, block + at, sizeof first);
    likely |= filter.may_begin(first) << at;
  }
  for (; likely != 0; likely &= likely - 1) {
    const std::size_t at = base + low(likely);
    if (!goes_on_in_cyrillic(text_, at)) visit_word(at);
  }
}

// Where so many letters and digits stand together that a run may be long enough: its first one of this block.
inline uint64_t Pass::long_runs(uint64_t alnum) {
  static_assert(Sighting::shortest_run == 16);
  if (parts_.by_run.empty()) return 0;
  uint64_t whole = alnum & (alnum >> 1U);
  whole &= whole >> 2U;
  whole &= whole >> 4U;
  whole &= whole >> 8U;
  whole &= ~(whole << 1U);
  const auto leading = static_cast<std::size_t>(std::countr_one(alnum));
  if (leading > 0 && leading + run_before_ >= Sighting::shortest_run) whole |= 1U;
  run_before_ = alnum == ~uint64_t{0} ? run_before_ + width : static_cast<std::size_t>(std::countl_one(alnum));
  return whole;
}

[[gnu::noinline]] void Pass::visit_long_runs(uint64_t bits, std::size_t base) {
  for (; bits != 0; bits &= bits - 1) {
    const std::size_t at = base + low(bits);
    if (at < run_end_) continue;
    std::size_t begin = at;
    while (begin > 0 && at - begin < width && is_alnum(text_[begin - 1])) --begin;
    std::size_t end = at;
    while (end < text_.size() && end - begin <= Sighting::longest_run && is_alnum(text_[end])) ++end;
    const bool part = begin > 0 && (begin < run_end_ || is_alnum(text_[begin - 1]));  // of a longer one
    run_end_ = end;
    if (part || end - begin > Sighting::longest_run) continue;
    Sighting sighting = view_of(begin, end);
    sighting.word = Sighting::of_run;
    for (const std::size_t guard : parts_.by_run) {
      if (end - begin >= parts_.entries[guard].info.triggers.run) call(guard, sighting, begin);
    }
  }
}

[[gnu::noinline]] void Pass::visit_word(std::size_t at) {
  if (!parts_.literals.may_match(text_, at)) return;
  const bool apart = at == 0 || (is_ascii(text_[at - 1]) && !is_alnum(text_[at - 1]));
  if (!apart && !begins_word(text_, at)) return;
  parts_.literals.match(text_, at, [this](const LiteralIndex::Match& match) {
    if (match.guard == parts_.entries.size()) {
      if (tabled_ == Tabled::no) return;
      while (tables_.has_row(match.begin)) visit_row();  // before another table takes their place
      return tables_.see(match.begin, match.end);
    }
    Sighting sighting = view_of(match.begin, match.end);
    sighting.word = match.word;
    call(match.guard, sighting, match.begin);
  });
}

// Of what has been read, the stretches that are whole; what is left when the text ends is the last one.
[[gnu::noinline]] void Pass::visit_stretches() {
  while (stretched_ < next_ && !done()) {
    const std::size_t end = std::min(text_.size(), stretched_ + Sighting::stretch);
    if (end > next_) return;
    const Sighting sighting = view_of(stretched_, end);
    for (const std::size_t guard : parts_.by_stretch) call(guard, sighting, stretched_);
    stretched_ = end;
  }
}

// A row as people would write it.
[[gnu::noinline]] void Pass::visit_row() {
  const Tables::Row row = tables_.next();
  if (row.line.empty()) return;
  out_.pin(row.begin, row.end, text_);
  read_anew(row.line);
}

// A line that is put together from parts of the text, which its findings are pinned to.
void Pass::read_anew(std::string_view line) {
  Pass pass(parts_, line, out_, until_, Tabled::no);
  pass.advance(line.size());
  out_.unpin();
  calls_ += pass.calls();
}

// Most numbers are a run of digits and nothing more, which the masks tell.
inline void Pass::visit_digits(const Masks& masks, std::size_t at, const char* block, std::size_t base) {
  const std::size_t end = at + low(~(masks.digits >> at));
  if (end < width && is_alone(block + end)) {
    if (parts_.wanting(end - at) != 0) visit_run(base + at, base + end);
  } else {
    visit_number(base + at);
  }
}

[[gnu::noinline]] void Pass::visit_run(std::size_t begin, std::size_t end) {
  if (begin < number_end_) return;
  number_end_ = end;
  if (end - begin > Number::max_group) return;
  const std::size_t from = begin - std::min(begin, Sighting::look_back);
  const std::string_view view = text_.substr(from, begin - from + Sighting::look_ahead);
  Number number;
  read_run(view, begin - from, end - from, number);
  visit_group(number, 0, view, from);
}

[[gnu::noinline]] void Pass::visit_number(std::size_t at) {
  if (at < number_end_) return;
  std::size_t begin = at - std::min(at, Sighting::look_back);
  std::string_view view = text_.substr(begin, at - begin + Sighting::look_ahead);
  Number number;
  read_number(view, at - begin, number);
  while (number.stop == Number::Stop::full) {
    const std::size_t half = std::max<std::size_t>(1, number.count / 2);
    for (std::size_t group = 0; group < half; ++group) visit_group(number, group, view, begin);
    number_end_ = begin + number.end;
    if (half == number.count) return;
    // The second half again, with what follows.
    const std::size_t next = begin + number.groups[half].begin;
    const std::size_t shift = next - std::min(next, Sighting::look_back) - begin;
    begin += shift;
    view = text_.substr(begin, next - begin + Sighting::look_ahead);
    read_on(view, half, shift, number);
  }
  number_end_ = begin + number.end;
  if (tabled_ == Tabled::yes && may_break_line(text_, number_end_)) [[unlikely]]
    visit_line_break(number_end_);
  if (tabled_ == Tabled::yes && number.count == 1 && number_end_ + 4 < text_.size() &&
      may_be_decorated(text_.data() + number_end_)) [[unlikely]]
    visit_decorated(begin + number.groups[0].begin, number_end_);
  for (std::size_t group = 0; group < number.count; ++group) visit_group(number, group, view, begin);
}

// `begin`: of the view in the text.
inline void Pass::visit_group(const Number& number, std::size_t group, std::string_view view, std::size_t begin) {
  if (is_within(number, group) && !parts_.within.has(number, group)) return;
  for (uint64_t bits = parts_.wanting(number.digits_from(group)); bits != 0; bits &= bits - 1) {
    const std::size_t guard = low(bits);
    const auto fits = parts_.number_fits[guard];
    if (fits != nullptr && !fits(view, number, group)) continue;
    const Sighting sighting{.text = view,
                            .at = number.groups[group].begin,
                            .end = number.groups[group].end,
                            .number = &number,
                            .group = group};
    call(guard, sighting, begin + sighting.at);
  }
}

// A number that goes on in the next line: both lines as one, with a space between and without.
[[gnu::noinline]] void Pass::visit_line_break(std::size_t at) {
  constexpr std::size_t most_before = 128;
  constexpr std::size_t most_after = 64;
  const auto broken = line_break_after(text_, at);
  if (!broken) return;
  const std::size_t begin = broken->begin - std::min(broken->begin, most_before);
  const std::string_view before = text_.substr(begin, broken->begin - begin);
  const std::string_view after = text_.substr(broken->end, most_after);
  std::array<char, most_before + 1 + most_after> line;
  for (const std::string_view between : {"", " "}) {
    char* end = std::copy(before.begin(), before.end(), line.begin());
    end = std::copy(between.begin(), between.end(), end);
    end = std::copy(after.begin(), after.end(), end);
    out_.pin(begin, std::min(broken->end + most_after, text_.size()), text_);
    out_.cross(before.size(), between.empty() ? Findings::Joined::directly : Findings::Joined::by_space);
    read_anew({line.data(), static_cast<std::size_t>(end - line.data())});
  }
}

// A number with decorations between its groups, as people would write it without them.
[[gnu::noinline]] void Pass::visit_decorated(std::size_t begin, std::size_t end) {
  constexpr std::size_t most_before = 128;
  constexpr std::size_t most_after = 64;
  if (begin < decorated_end_) return;
  const auto number = decorated_number(text_, begin, end);
  if (!number) return;
  decorated_end_ = number->end;
  const std::size_t from = number->begin - std::min(number->begin, most_before);
  std::string line(text_.substr(from, number->begin - from));
  const std::size_t gap = line.size() + number->first_gap;
  line.append(number->plain).append(text_.substr(number->end, most_after));
  out_.pin(number->begin, number->end, text_);
  out_.cross(gap, Findings::Joined::by_markup);
  read_anew(line);
}

[[gnu::noinline]] void Pass::visit_special(std::size_t at) {
  const char c = text_[at];
  if (!is_ascii(c)) return visit_beyond_ascii(at);
  if (c == '\\' || c == '%' || c == '&') {
    escapes_ = escapes_ || is_escape(text_, at);
    if (c == '\\' && at + 2 < text_.size() && is_alnum(text_[at + 1]) && is_alnum(text_[at + 2]))
      visit_word(at + 2);  // `\nword`
    if (parts_.followers(c) == nullptr) return;
  }
  visit_byte(c, at, at + 1);
}

void Pass::visit_beyond_ascii(std::size_t at) {
  disguised_ = disguised_ || is_disguise(text_, at);
  const Character here = character_at(text_, at);
  if (digit_at(text_, at).value >= 0) visit_number(at);
  if (is_wide_at(text_, at)) visit_byte('@', at, at + here.size);
  if (here.value > 0xFF00 && here.value < 0xFF5F && is_word(here.value)) visit_word(at);
}

void Pass::visit_byte(char byte, std::size_t begin, std::size_t end) {
  const auto* guards = parts_.followers(byte);
  if (guards == nullptr) return;
  const char next = end < text_.size() ? text_[end] : '\0';
  for (uint64_t bits = (*guards)[static_cast<unsigned char>(next)]; bits != 0; bits &= bits - 1) {
    const std::size_t guard = low(bits);
    const auto fits = parts_.byte_fits[guard];
    if (fits == nullptr || fits(text_, begin, end)) call(guard, view_of(begin, end), begin);
  }
}

Sighting Pass::view_of(std::size_t begin, std::size_t end) const {
  const std::size_t back = std::min(begin, Sighting::look_back);
  const std::size_t ahead = std::max(Sighting::look_ahead, end - begin + Sighting::look_ahead / 2);
  return {.text = text_.substr(begin - back, back + ahead), .at = back, .end = back + end - begin};
}

void Pass::call(std::size_t guard, const Sighting& sighting, std::size_t begin) {
  const auto& entry = parts_.entries[guard];
  if (!wants(entry.info.classes)) return;
  ++calls_;
  out_.aim(entry.info.name, sighting.text, begin - sighting.at);
  entry.guard->inspect(sighting, out_);
}

LevelPass::LevelPass(const Parts& parts, std::string_view text, Findings& found, Until until)
    : parts_(parts), found_(found), until_(until), pass_(std::in_place, parts, text, found, until), level_(text) {
  found_.unescaped(levels_);
}

bool LevelPass::advance(std::size_t bytes) {
  while (pass_->advance(bytes)) {
    work_.bytes += pass_->size();
    work_.calls += pass_->calls();
    if (pass_->escapes() && unescapes_ < max_unescapes) {
      levels_.push_back(unescape_around(level_, Sighting::look_back, Sighting::look_ahead));
      ++unescapes_;
    } else if (pass_->disguised() && !undisguised_) {
      levels_.push_back(undisguise(level_));
      undisguised_ = true;
    } else {
      return true;
    }
    level_ = levels_.back().text;
    pass_.emplace(parts_, level_, found_, until_);
  }
  return false;
}

}  // namespace weir::guards
