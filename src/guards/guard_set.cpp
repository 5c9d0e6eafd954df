#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>

#include "guards/characters.h"
#include "guards/context.h"
#include "guards/disguise.h"
#include "guards/encoded_findings.h"
#include "guards/exceptions.h"
#include "guards/guard.h"
#include "guards/joint.h"
#include "guards/line_break.h"
#include "guards/literal_index.h"
#include "guards/number.h"
#include "guards/registry.h"
#include "guards/scan.h"
#include "guards/tables.h"
#include "guards/unescape.h"

namespace weir {

using guards::LiteralIndex;
using guards::Masks;
using guards::Number;

namespace {

constexpr int max_unescapes = 3;  // JSON in a string in JSON in a string

// What most bodies hold besides what people wrote: names of fields and their usual values. Whether they are clean is
// found out at config load, so that they need not be read each time.
constexpr std::string_view usual_texts =
    "model messages role content system user assistant developer tool name type text image_url url detail temperature "
    "top_p max_tokens max_completion_tokens stream stop seed n input prompt encoding_format float base64 tools "
    "function description parameters properties object string required tool_choice auto tool_calls tool_call_id "
    "arguments id json_schema json_object response_format stream_options include_usage presence_penalty "
    "frequency_penalty";

// Where a text would stand among the usual ones.
std::size_t usual_slot(std::string_view text) {
  if (text.empty()) return 0;
  return (text.size() * 7 + static_cast<unsigned char>(text.front()) * 5 + static_cast<unsigned char>(text.back())) %
         256;
}

bool is_wide_at(std::string_view text, std::size_t at) {
  const char32_t value = guards::character_at(text, at).value;
  return value == 0xFF20 || value == 0xFE6B;
}

}  // namespace

void Findings::begin(std::string_view whole) {
  whole_ = whole;
  extended_ = {};
}

void Findings::pin(std::size_t begin, std::size_t end, std::string_view whole) {
  pinned_ = true;
  whole_ = whole;
  pin_begin_ = begin;
  pin_end_ = end;
}

// Plain numbers one below or after the other make phones of many forms.
bool Findings::crosses(std::size_t begin, std::size_t end) const {
  if (offset_ + begin >= crossing_at_ || offset_ + end <= crossing_at_) return false;
  return joined_ == Joined::directly || guard_ != "phone" || guards::is_named_phone(view_, begin);
}

void Findings::note(ClassSet classes, Confidence confidence) {
  for (std::size_t i = 0; i <= static_cast<std::size_t>(confidence); ++i) by_confidence_[i] |= classes;
}

void Findings::add(std::string_view what, ClassSet classes, std::size_t begin, std::size_t end, Confidence confidence) {
  if (exceptions_ != nullptr && exceptions_->has(guard_, what, view_.substr(begin, end - begin), confidence)) return;
  if (passage_ == nullptr && list_ == nullptr && !crossing_) return note(classes, confidence);
  Finding finding{.guard = guard_,
                  .what = what,
                  .classes = classes,
                  .begin = offset_ + begin,
                  .end = offset_ + end,
                  .confidence = confidence};
  if (crossing_ && !crosses(begin, end)) return;
  if (pinned_) {
    const std::string_view value = view_.substr(begin, end - begin);
    const std::size_t there = whole_.substr(pin_begin_, pin_end_ - pin_begin_).find(value);
    finding.begin = there == std::string_view::npos ? pin_begin_ : pin_begin_ + there;
    finding.end = there == std::string_view::npos ? pin_end_ : finding.begin + value.size();
  }
  if (levels_ != nullptr) {
    for (auto level = levels_->rbegin(); level != levels_->rend(); ++level) {
      finding.begin = level->original(finding.begin);
      finding.end = level->original(finding.end);
    }
  }
  if (passage_ != nullptr && !passage_->counts(guard_, finding.begin, finding.end)) return;
  note(classes, confidence);
  if (list_ != nullptr) list_->push_back(finding);
}

void Findings::add_whole(std::string_view what, ClassSet classes, std::size_t begin, std::size_t end,
                         Confidence confidence, Extend extend) {
  constexpr std::size_t longest = 64 * 1024;
  if (pinned_ || list_ == nullptr) return add(what, classes, begin, end, confidence);  // nobody asks for the place
  const std::size_t place = offset_ + end;
  const auto known = std::find_if(extended_.begin(), extended_.end() - 1,
                                  [&](const Extended& one) { return one.by == extend || one.by == nullptr; });
  if (known->by != extend) *known = {.by = extend};
  if (offset_ + begin >= known->end) {
    const std::string_view text = whole_.substr(0, std::min(whole_.size(), place + longest));
    known->end = extend(text, place);
  }
  add(what, classes, begin, std::max(end, known->end - std::min(known->end, offset_)), confidence);
}

struct GuardSet::Parts {
  struct Entry {
    std::unique_ptr<Guard> guard;
    GuardInfo info;
  };
  std::vector<Entry> entries;
  std::array<uint64_t, 128> by_byte{};              // bit = index in `entries`
  std::array<uint64_t, 128> by_byte_before_text{};  // the same
  std::vector<std::size_t> by_number;
  std::vector<std::size_t> by_stretch;
  std::vector<std::size_t> by_run;
  uint32_t fewest_digits = UINT32_MAX;
  LiteralIndex literals;
  guards::Exceptions exceptions{{}, Confidence::low};
  guards::ByteSet special;
  guards::BlockScan scan_block = nullptr;
  ClassSet possible = 0;                    // all classes that any of the guards can find
  std::array<std::string_view, 256> clean;  // usual texts in which nothing is found, from usual_slot on

  [[nodiscard]] bool all_found(const Findings& found) const { return (possible & ~found.certain()) == 0; }
  [[nodiscard]] bool known_clean(std::string_view text) const {
    std::size_t slot = usual_slot(text);
    while (!clean[slot].empty() && clean[slot] != text) slot = (slot + 1) % clean.size();
    return clean[slot] == text;
  }
  void know_clean(std::string_view text) {
    std::size_t slot = usual_slot(text);
    while (!clean[slot].empty()) slot = (slot + 1) % clean.size();
    clean[slot] = text;
  }
};

namespace {

enum class Until : uint8_t { all_classes, all_certain, end };
enum class Tabled : uint8_t { yes, no };  // whether tables in a text are looked for

// One pass over one text, a part at a time. `Parts` is private to GuardSet, hence the template.
template <typename Parts>
class Scan {
 public:
  Scan(const Parts& parts, std::string_view text, Findings& out, Until until, Tabled tabled = Tabled::yes)
      : parts_(parts), text_(text), out_(out), until_(until), tabled_(tabled), tables_(text) {
    if (tabled == Tabled::yes) out_.begin(text);
  }

  // Reads on for about `bytes`; true when all was read.
  bool advance(std::size_t bytes) {
    static constexpr std::size_t width = 64;
    static constexpr std::size_t overhang = 3;  // a word that begins in the last byte of a block reads so far beyond it
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
        visit_runs(runs, base);
      // In order of position: numbers of any script share `number_end_`.
      for (uint64_t bits = masks.special | numbers; bits != 0; bits &= bits - 1) {
        const std::size_t at = low(bits);
        if (((numbers >> at) & 1U) != 0) {
          visit_number(base + at);
        } else {
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

  [[nodiscard]] bool escapes() const { return escapes_; }
  [[nodiscard]] bool disguised() const { return disguised_; }
  [[nodiscard]] std::size_t calls() const { return calls_; }
  [[nodiscard]] std::size_t size() const { return text_.size(); }

 private:
  static std::size_t low(uint64_t bits) { return static_cast<std::size_t>(std::countr_zero(bits)); }
  [[nodiscard]] bool wants(ClassSet classes) const {
    if (until_ == Until::end) return true;
    return (classes & ~(until_ == Until::all_classes ? out_.classes() : out_.certain())) != 0;
  }
  [[nodiscard]] bool done() const { return !wants(parts_.possible); }

  void visit_words(uint64_t bits, const char* block, std::size_t base) {
    for (; bits != 0; bits &= bits - 1) {
      const std::size_t at = low(bits);
      uint32_t first = 0;
      std::memcpy(&first, block + at, sizeof first);
      if (parts_.literals.may_begin(first)) [[unlikely]]
        visit_word(base + at);
    }
  }

  // Where so many letters and digits stand together that a run may be long enough: its first one of this block.
  uint64_t long_runs(uint64_t alnum) {
    static_assert(Sighting::shortest_run == 16);
    if (parts_.by_run.empty()) return 0;
    uint64_t whole = alnum & (alnum >> 1U);
    whole &= whole >> 2U;
    whole &= whole >> 4U;
    whole &= whole >> 8U;
    whole &= ~(whole << 1U);
    const auto leading = static_cast<std::size_t>(std::countr_one(alnum));
    if (leading > 0 && leading + run_before_ >= Sighting::shortest_run) whole |= 1U;
    run_before_ = alnum == ~uint64_t{0} ? run_before_ + 64 : static_cast<std::size_t>(std::countl_one(alnum));
    return whole;
  }

  [[gnu::noinline]] void visit_runs(uint64_t bits, std::size_t base) {
    for (; bits != 0; bits &= bits - 1) {
      const std::size_t at = base + low(bits);
      if (at < run_end_) continue;
      std::size_t begin = at;
      while (begin > 0 && at - begin < 64 && guards::is_alnum(text_[begin - 1])) --begin;
      std::size_t end = at;
      while (end < text_.size() && end - begin <= Sighting::longest_run && guards::is_alnum(text_[end])) ++end;
      const bool part = begin > 0 && (begin < run_end_ || guards::is_alnum(text_[begin - 1]));  // of a longer one
      run_end_ = end;
      if (part || end - begin > Sighting::longest_run) continue;
      Sighting sighting = view_of(begin, end);
      sighting.word = Sighting::of_run;
      for (const std::size_t guard : parts_.by_run) {
        if (end - begin >= parts_.entries[guard].info.triggers.run) call(guard, sighting, begin);
      }
    }
  }

  [[gnu::noinline]] void visit_word(std::size_t at) {
    if (!parts_.literals.may_match(text_, at) || !guards::begins_word(text_, at)) return;
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
  [[gnu::noinline]] void visit_stretches() {
    while (stretched_ < next_ && !done()) {
      const std::size_t end = std::min(text_.size(), stretched_ + Sighting::stretch);
      if (end > next_) return;
      const Sighting sighting = view_of(stretched_, end);
      for (const std::size_t guard : parts_.by_stretch) call(guard, sighting, stretched_);
      stretched_ = end;
    }
  }

  // A row as people would write it.
  [[gnu::noinline]] void visit_row() {
    const guards::Tables::Row row = tables_.next();
    if (row.line.empty()) return;
    out_.pin(row.begin, row.end, text_);
    Scan scan(parts_, row.line, out_, until_, Tabled::no);
    scan.advance(row.line.size());
    out_.unpin();
    calls_ += scan.calls();
  }

  void visit_number(std::size_t at) {
    if (at < number_end_) return;
    const std::size_t begin = at - std::min(at, Sighting::look_back);
    const std::string_view view = text_.substr(begin, at - begin + Sighting::look_ahead);
    Number number;
    guards::read_number(view, at - begin, number);
    number_end_ = begin + number.end;
    if (tabled_ == Tabled::yes && number_end_ < text_.size() && may_end_line(text_[number_end_])) [[unlikely]]
      visit_line_break(number_end_);
    std::size_t groups = number.count;
    if (number.stop == Number::Stop::full) {  // the second half is read again, with what follows
      groups = std::max<std::size_t>(1, number.count / 2);
      if (groups < number.count) number_end_ = begin + number.groups[groups].begin;
    }
    for (std::size_t group = 0; group < groups; ++group) {
      const std::size_t digits = number.digits_from(group);
      if (digits < parts_.fewest_digits) return;
      Sighting sighting{.text = view,
                        .at = number.groups[group].begin,
                        .end = number.groups[group].end,
                        .number = &number,
                        .group = group};
      for (const std::size_t guard : parts_.by_number) {
        if (digits >= parts_.entries[guard].info.triggers.digits) call(guard, sighting, begin + sighting.at);
      }
    }
  }

  static bool may_end_line(char c) {
    return c == '\n' || c == '\r' || c == '\\' || c == '-' || c == ')' || c == ' ' || c == '/' || c == '\t';
  }

  // A number that goes on in the next line: both lines as one, with a space between and without.
  [[gnu::noinline]] void visit_line_break(std::size_t at) {
    constexpr std::size_t most_before = 128;
    constexpr std::size_t most_after = 64;
    const auto broken = guards::line_break_after(text_, at);
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
      Scan scan(parts_, {line.data(), static_cast<std::size_t>(end - line.data())}, out_, until_, Tabled::no);
      scan.advance(line.size());
      out_.unpin();
      calls_ += scan.calls();
    }
  }

  [[gnu::noinline]] void visit_special(std::size_t at) {
    const char c = text_[at];
    if (!guards::is_ascii(c)) return visit_beyond_ascii(at);
    if (c == '\\' || c == '%' || c == '&') {
      escapes_ = escapes_ || guards::is_escape(text_, at);
      if (c == '\\' && at + 2 < text_.size() && guards::is_alnum(text_[at + 2])) visit_word(at + 2);  // `\nword`
    }
    visit_byte(c, at, at + 1);
  }

  void visit_beyond_ascii(std::size_t at) {
    disguised_ = disguised_ || guards::is_disguise(text_, at);
    const guards::Character here = guards::character_at(text_, at);
    if (guards::digit_at(text_, at).value >= 0) visit_number(at);
    if (is_wide_at(text_, at)) visit_byte('@', at, at + here.size);
    if (here.value > 0xFF00 && here.value < 0xFF5F && guards::is_word(here.value)) visit_word(at);
  }

  void visit_byte(char byte, std::size_t begin, std::size_t end) {
    const auto index = static_cast<unsigned char>(byte);
    const bool text_follows = end < text_.size() && static_cast<unsigned char>(text_[end]) > ' ' && text_[end] != '"';
    const uint64_t both = parts_.by_byte[index] | (text_follows ? parts_.by_byte_before_text[index] : 0);
    for (uint64_t bits = both; bits != 0; bits &= bits - 1) {
      call(low(bits), view_of(begin, end), begin);
    }
  }

  [[nodiscard]] Sighting view_of(std::size_t begin, std::size_t end) const {
    const std::size_t back = std::min(begin, Sighting::look_back);
    const std::size_t ahead = std::max(Sighting::look_ahead, end - begin + Sighting::look_ahead / 2);
    return {.text = text_.substr(begin - back, back + ahead), .at = back, .end = back + end - begin};
  }

  // `begin`: of the trigger in the whole text.
  void call(std::size_t guard, const Sighting& sighting, std::size_t begin) {
    const auto& entry = parts_.entries[guard];
    if (!wants(entry.info.classes)) return;
    ++calls_;
    out_.aim(entry.info.name, sighting.text, begin - sighting.at);
    entry.guard->inspect(sighting, out_);
  }

  const Parts& parts_;
  std::string_view text_;
  Findings& out_;
  Until until_;
  Tabled tabled_;
  guards::Tables tables_;
  bool escapes_ = false;
  bool disguised_ = false;
  std::size_t next_ = 0;        // blocks before it have been read; they ended
  std::size_t stretched_ = 0;   // stretches before it have been read
  uint64_t carry_word_ = 0;     // in a word: 1
  uint64_t carry_digit_ = 0;    // in digits: 1
  std::size_t number_end_ = 0;  // digits before it have been read
  std::size_t run_before_ = 0;  // letters and digits right before the next block
  std::size_t run_end_ = 0;     // runs before it have been read
  std::size_t calls_ = 0;
};

// Scans a text, then, while there are escapes in it, what it is unescaped, and once what it is in plain characters.
template <typename Parts>
class LevelScan {
 public:
  LevelScan(const Parts& parts, std::string_view text, Findings& found, Until until)
      : parts_(parts), found_(found), until_(until), scan_(std::in_place, parts, text, found, until), level_(text) {
    found_.unescaped(levels_);
  }
  LevelScan(const LevelScan&) = delete;
  LevelScan& operator=(const LevelScan&) = delete;

  // As Scan::advance. `after(scan)` is told of each pass.
  template <typename After>
  bool advance(std::size_t bytes, After after) {
    while (scan_->advance(bytes)) {
      after(*scan_);
      if (scan_->escapes() && unescapes_ < max_unescapes) {
        levels_.push_back(guards::unescape_around(level_, Sighting::look_back, Sighting::look_ahead));
        ++unescapes_;
      } else if (scan_->disguised() && !undisguised_) {
        levels_.push_back(guards::undisguise(level_));
        undisguised_ = true;
      } else {
        return true;
      }
      level_ = levels_.back().text;
      scan_.emplace(parts_, level_, found_, until_);
    }
    return false;
  }

 private:
  const Parts& parts_;
  Findings& found_;
  Until until_;
  std::optional<Scan<Parts>> scan_;
  std::vector<guards::Unescaped> levels_;
  int unescapes_ = 0;
  bool undisguised_ = false;
  std::string_view level_;  // what is scanned: the text, or that of the last of `levels_`
};

constexpr std::size_t all_of_it = SIZE_MAX;

// A finding within another one that has all its classes says nothing more. Of two at the same place the one of the
// guard that guards.def names first stays.
template <typename Parts>
void drop_contained(const Parts& parts, std::vector<Finding>& list) {
  const auto rank = [&parts](const Finding& finding) {
    return std::find_if(parts.entries.begin(), parts.entries.end(),
                        [&finding](const auto& entry) { return entry.info.name == finding.guard; });
  };
  std::stable_sort(list.begin(), list.end(), [&rank](const Finding& a, const Finding& b) {
    if (a.begin != b.begin) return a.begin < b.begin;
    if (a.end != b.end) return a.end > b.end;
    return rank(a) != rank(b) ? rank(a) < rank(b) : a.confidence > b.confidence;
  });
  std::vector<Finding> kept;
  for (const Finding& finding : list) {
    const auto contains = [&finding](const Finding& outer) {
      return outer.end >= finding.end && (finding.classes & ~outer.classes) == 0;
    };
    // Sorted by begin: only the last few can reach this far, and longer ones come first.
    const auto recent = kept.size() > 8 ? kept.end() - 8 : kept.begin();
    if (std::none_of(recent, kept.end(), contains)) kept.push_back(finding);
  }
  list = std::move(kept);
}

}  // namespace

GuardSet::GuardSet(const GuardSettings& settings) : parts_(std::make_unique<Parts>()) {
  Parts& parts = *parts_;
  for (auto& guard : guards::make_guards(settings)) {
    const GuardInfo info = guard->info();
    if (std::find(settings.off.begin(), settings.off.end(), info.name) != settings.off.end()) continue;
    if (info.triggers.stretches && !settings.identity) continue;  // nobody asks
    parts.entries.push_back({.guard = std::move(guard), .info = info});
  }
  for (std::size_t i = 0; i < parts.entries.size(); ++i) {
    const GuardInfo& info = parts.entries[i].info;
    parts.possible |= info.classes;
    for (const char byte : info.triggers.bytes) {
      parts.by_byte[static_cast<unsigned char>(byte)] |= uint64_t{1} << i;
      parts.special.add(static_cast<uint8_t>(byte));
    }
    for (const char byte : info.triggers.bytes_before_text) {
      parts.by_byte_before_text[static_cast<unsigned char>(byte)] |= uint64_t{1} << i;
      parts.special.add(static_cast<uint8_t>(byte));
    }
    for (std::size_t word = 0; word < info.triggers.words.size(); ++word) {
      parts.literals.add(info.triggers.words[word], static_cast<uint32_t>(i), static_cast<uint32_t>(word));
    }
    if (info.triggers.stretches) parts.by_stretch.push_back(i);
    if (info.triggers.run > 0) parts.by_run.push_back(i);
    if (info.triggers.digits > 0) {
      parts.by_number.push_back(i);
      parts.fewest_digits = std::min(parts.fewest_digits, info.triggers.digits);
    }
  }
  if (!parts.entries.empty()) {
    std::vector<std::string_view> headers(guards::header_words().begin(), guards::header_words().end());
    for (const auto& entry : parts.entries)
      headers.insert(headers.end(), entry.info.names.begin(), entry.info.names.end());
    std::sort(headers.begin(), headers.end());
    headers.erase(std::unique(headers.begin(), headers.end()), headers.end());
    for (const std::string_view word : headers)
      parts.literals.add(word, static_cast<uint32_t>(parts.entries.size()), 0);
  }
  parts.exceptions = guards::Exceptions(settings.exceptions, settings.least_confidence);
  for (const char byte : {'\\', '%', '&'}) parts.special.add(static_cast<uint8_t>(byte));
  for (const char lead : guards::disguise_leads)
    parts.special.add(static_cast<uint8_t>(lead));  // `@` of other widths too
  parts.literals.build();
  parts.scan_block = guards::best_block_scan();
  for (std::string_view rest = usual_texts; !rest.empty();) {
    const auto text = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(text.size() + 1, rest.size()));
    if (classify({text}) == 0) parts.know_clean(text);
  }
}

GuardSet::~GuardSet() = default;
GuardSet::GuardSet(GuardSet&&) noexcept = default;
GuardSet& GuardSet::operator=(GuardSet&&) noexcept = default;

struct GuardSet::Reading::State {
  State(const Parts& guards, std::vector<std::string_view> all, json::TextKinds kinds)
      : parts(guards), texts(std::move(all)), joint(texts, kinds) {
    found.except(parts.exceptions);
  }

  const Parts& parts;
  std::vector<std::string_view> texts;
  guards::Joint joint;
  guards::Passage passage;
  std::vector<Finding> list;  // of the passage
  std::vector<Located> located;
  std::vector<FoundPlace> places;
  Findings found;
  Until until = Until::all_certain;
  std::optional<LevelScan<Parts>> scan;  // of the passage, while it is under way

  bool next() {
    if (!joint.next(passage, [this](std::string_view text) { return parts.known_clean(text); })) return false;
    found.read(passage);
    scan.emplace(parts, passage.text, found, until);
    return true;
  }

  static constexpr std::size_t most = 64;

  [[nodiscard]] bool enough() const { return until == Until::all_certain && parts.all_found(found); }

  // A whole value at the end of a text and the first word of the next make another one: `anna@posteo.de` `Sure`. Where
  // digits meet, it may as well be a value in two halves.
  [[nodiscard]] bool goes_too_far(const Finding& finding, const std::vector<guards::Joint::Part>& pieces) const {
    if (pieces.size() < 2) return false;
    for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
      const char before = texts[pieces[i].text][pieces[i].end - 1];
      const char after = texts[pieces[i + 1].text][pieces[i + 1].begin];
      if (guards::is_digit(before) && guards::is_digit(after)) return false;
    }
    return std::any_of(places.begin(), places.end(), [&](const FoundPlace& one) {
      return one.what == finding.what && std::any_of(pieces.begin(), pieces.end(), [&](const auto& part) {
               return part.text == one.text && part.begin <= one.begin && part.end >= one.end;
             });
    });
  }

  void note_places() {
    for (const Finding& finding : list) {
      const auto pieces = joint.parts(passage, finding.begin, finding.end);
      if (goes_too_far(finding, pieces)) continue;
      for (const auto& part : pieces) {
        places.push_back({.what = finding.what,
                          .classes = finding.classes,
                          .confidence = finding.confidence,
                          .text = part.text,
                          .begin = part.begin,
                          .end = part.end});
      }
    }
    for (const Finding& finding : list) {
      if (located.size() == most) break;  // nobody reads more
      const Located one{.what = finding.what,
                        .classes = finding.classes,
                        .text = joint.text_at(passage, finding.begin),
                        .confidence = finding.confidence};
      // Put together, a whole value and what stands before it make another one: `hi`, `anna@…`.
      const bool across = passage.of == guards::Passage::Of::seams || passage.of == guards::Passage::Of::spaced;
      const auto known = std::find_if(located.begin(), located.end(), [&](const Located& other) {
        return other.what == one.what && (across || (other.classes == one.classes && other.text == one.text));
      });
      if (known == located.end()) {
        located.push_back(one);
      } else {
        known->confidence = std::max(known->confidence, one.confidence);
      }
    }
    list.clear();
  }
};

GuardSet::Reading::Reading(const GuardSet& guards, std::vector<std::string_view> texts, json::TextKinds kinds)
    : state_(std::make_unique<State>(*guards.parts_, std::move(texts), kinds)) {}

GuardSet::Reading::~Reading() = default;

void GuardSet::Reading::locate() {
  state_->until = Until::end;
  state_->found = Findings(state_->list);
  state_->found.except(state_->parts.exceptions);
  state_->joint.locate();
}

bool GuardSet::Reading::advance(std::size_t bytes) {
  State& state = *state_;
  for (;;) {
    if (!state.scan && !state.next()) return true;
    if (!state.scan->advance(bytes, [](const auto&) {})) return false;
    state.scan.reset();
    state.note_places();
    if (state.enough()) return true;
    if (state.passage.text.size() >= bytes) return false;
    bytes -= state.passage.text.size();
  }
}

ClassSet GuardSet::Reading::classes() const { return state_->found.classes(); }
FoundClasses GuardSet::Reading::found() const { return state_->found.found(); }

const std::vector<FoundPlace>& GuardSet::Reading::places() const { return state_->places; }

std::vector<Located> GuardSet::Reading::located() const {
  auto located = state_->located;
  std::stable_sort(located.begin(), located.end(), [](const Located& a, const Located& b) { return a.text < b.text; });
  return located;
}

ClassSet GuardSet::classify(const std::vector<std::string_view>& texts, json::TextKinds kinds) const {
  Findings found;
  found.except(parts_->exceptions);
  guards::Joint joint(texts, kinds);
  guards::Passage passage;
  while (joint.next(passage, [this](std::string_view text) { return parts_->known_clean(text); })) {
    found.read(passage);
    LevelScan<Parts>(*parts_, passage.text, found, Until::all_classes).advance(all_of_it, [](const auto&) {});
    if ((parts_->possible & ~found.classes()) == 0) break;
  }
  return found.classes();
}

std::vector<Finding> GuardSet::inspect(std::string_view text) const {
  const auto as_it_stands = [this](std::string_view plain) {
    std::vector<Finding> list;
    Findings found(list);
    found.except(parts_->exceptions);
    LevelScan<Parts>(*parts_, plain, found, Until::end).advance(all_of_it, [](const auto&) {});
    return list;
  };
  auto list = as_it_stands(text);
  guards::add_encoded_findings(text, as_it_stands, list);
  drop_contained(*parts_, list);
  return list;
}

ScanWork GuardSet::measure(std::string_view text) const {
  ScanWork work;
  Findings found;
  LevelScan<Parts>(*parts_, text, found, Until::end).advance(all_of_it, [&work](const auto& scan) {
    work.bytes += scan.size();
    work.calls += scan.calls();
  });
  return work;
}

}  // namespace weir
