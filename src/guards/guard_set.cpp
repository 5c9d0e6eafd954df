#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>

#include "guards/characters.h"
#include "guards/guard.h"
#include "guards/literal_index.h"
#include "guards/number.h"
#include "guards/registry.h"
#include "guards/scan.h"
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

void Findings::aim(std::string_view guard, std::size_t offset) {
  guard_ = guard;
  offset_ = offset;
}

void Findings::add(std::string_view what, ClassSet classes, std::size_t begin, std::size_t end) {
  classes_ |= classes;
  if (list_ == nullptr) return;
  list_->push_back({.guard = guard_, .what = what, .classes = classes, .begin = offset_ + begin, .end = offset_ + end});
}

struct GuardSet::Parts {
  struct Entry {
    std::unique_ptr<Guard> guard;
    GuardInfo info;
  };
  std::vector<Entry> entries;
  std::array<uint64_t, 128> by_byte{};  // bit = index in `entries`
  std::vector<std::size_t> by_number;
  uint32_t fewest_digits = UINT32_MAX;
  LiteralIndex literals;
  guards::ByteSet special;
  guards::BlockScan scan_block = nullptr;
  ClassSet possible = 0;                    // all classes that any of the guards can find
  std::array<std::string_view, 256> clean;  // usual texts in which nothing is found, by usual_slot; one a slot

  [[nodiscard]] bool known_clean(std::string_view text) const { return clean[usual_slot(text)] == text; }
};

namespace {

enum class Until : uint8_t { all_classes, end };

// One pass over one text, a part at a time. `Parts` is private to GuardSet, hence the template.
template <typename Parts>
class Scan {
 public:
  Scan(const Parts& parts, std::string_view text, Findings& out, Until until)
      : parts_(parts), text_(text), out_(out), until_(until) {}

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
      // In order of position: numbers of any script share `number_end_`.
      for (uint64_t bits = masks.special | numbers; bits != 0; bits &= bits - 1) {
        const std::size_t at = low(bits);
        if (((numbers >> at) & 1U) != 0) {
          visit_number(base + at);
        } else {
          visit_special(base + at);
        }
      }
    }
    carry_word_ = carry_word;
    carry_digit_ = carry_digit;
    next_ = std::min(base, text_.size());
    return next_ == text_.size() || done();
  }

  [[nodiscard]] bool escapes() const { return escapes_; }
  [[nodiscard]] std::size_t calls() const { return calls_; }
  [[nodiscard]] std::size_t size() const { return text_.size(); }

 private:
  static std::size_t low(uint64_t bits) { return static_cast<std::size_t>(std::countr_zero(bits)); }
  [[nodiscard]] bool wants(ClassSet classes) const { return until_ == Until::end || (classes & ~out_.classes()) != 0; }
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

  [[gnu::noinline]] void visit_word(std::size_t at) {
    if (!parts_.literals.may_match(text_, at) || !guards::begins_word(text_, at)) return;
    parts_.literals.match(text_, at, [this](const LiteralIndex::Match& match) {
      Sighting sighting = view_of(match.begin, match.end);
      sighting.word = match.word;
      call(match.guard, sighting, match.begin);
    });
  }

  void visit_number(std::size_t at) {
    if (at < number_end_) return;
    const std::size_t begin = at - std::min(at, Sighting::look_back);
    const std::string_view view = text_.substr(begin, at - begin + Sighting::look_ahead);
    Number number;
    guards::read_number(view, at - begin, number);
    number_end_ = begin + number.end;
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
    const guards::Character here = guards::character_at(text_, at);
    if (guards::digit_at(text_, at).value >= 0) visit_number(at);
    if (is_wide_at(text_, at)) visit_byte('@', at, at + here.size);
    if (here.value > 0xFF00 && here.value < 0xFF5F && guards::is_word(here.value)) visit_word(at);
  }

  void visit_byte(char byte, std::size_t begin, std::size_t end) {
    for (uint64_t bits = parts_.by_byte[static_cast<unsigned char>(byte)]; bits != 0; bits &= bits - 1) {
      call(low(bits), view_of(begin, end), begin);
    }
  }

  [[nodiscard]] Sighting view_of(std::size_t begin, std::size_t end) const {
    const std::size_t back = std::min(begin, Sighting::look_back);
    return {.text = text_.substr(begin - back, back + Sighting::look_ahead), .at = back, .end = back + end - begin};
  }

  // `begin`: of the trigger in the whole text.
  void call(std::size_t guard, const Sighting& sighting, std::size_t begin) {
    const auto& entry = parts_.entries[guard];
    if (!wants(entry.info.classes)) return;
    ++calls_;
    out_.aim(entry.info.name, begin - sighting.at);
    entry.guard->inspect(sighting, out_);
  }

  const Parts& parts_;
  std::string_view text_;
  Findings& out_;
  Until until_;
  bool escapes_ = false;
  std::size_t next_ = 0;        // blocks before it have been read; they ended
  uint64_t carry_word_ = 0;     // in a word: 1
  uint64_t carry_digit_ = 0;    // in digits: 1
  std::size_t number_end_ = 0;  // digits before it have been read
  std::size_t calls_ = 0;
};

// Scans a text, then, while there are escapes in it, what it is unescaped.
template <typename Parts>
class LevelScan {
 public:
  LevelScan(const Parts& parts, std::string_view text, Findings& found, Until until)
      : parts_(parts), found_(found), until_(until), scan_(std::in_place, parts, text, found, until), level_(text) {}

  // As Scan::advance. `after(scan, levels)` is told of each pass.
  template <typename After>
  bool advance(std::size_t bytes, After after) {
    while (scan_->advance(bytes)) {
      after(*scan_, levels_);
      if (!scan_->escapes() || levels_.size() == max_unescapes) return true;
      levels_.push_back(guards::unescape(level_));
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
    return a.end != b.end ? a.end > b.end : rank(a) < rank(b);
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
    parts.entries.push_back({.guard = std::move(guard), .info = info});
  }
  for (std::size_t i = 0; i < parts.entries.size(); ++i) {
    const GuardInfo& info = parts.entries[i].info;
    parts.possible |= info.classes;
    for (const char byte : info.triggers.bytes) {
      parts.by_byte[static_cast<unsigned char>(byte)] |= uint64_t{1} << i;
      parts.special.add(static_cast<uint8_t>(byte));
    }
    for (std::size_t word = 0; word < info.triggers.words.size(); ++word) {
      parts.literals.add(info.triggers.words[word], static_cast<uint32_t>(i), static_cast<uint32_t>(word));
    }
    if (info.triggers.digits > 0) {
      parts.by_number.push_back(i);
      parts.fewest_digits = std::min(parts.fewest_digits, info.triggers.digits);
    }
  }
  for (const char byte : {'\\', '%', '&'}) parts.special.add(static_cast<uint8_t>(byte));
  // First bytes of digits and `@` beyond ASCII.
  for (const char lead : {'\xD9', '\xDB', '\xEF', '\xF0'}) parts.special.add(static_cast<uint8_t>(lead));
  parts.literals.build();
  parts.scan_block = guards::best_block_scan();
  for (std::string_view rest = usual_texts; !rest.empty();) {
    const auto text = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(text.size() + 1, rest.size()));
    if (classify({text}) == 0) parts.clean[usual_slot(text)] = text;
  }
}

GuardSet::~GuardSet() = default;
GuardSet::GuardSet(GuardSet&&) noexcept = default;
GuardSet& GuardSet::operator=(GuardSet&&) noexcept = default;

struct GuardSet::Reading::State {
  const Parts& parts;
  std::vector<std::string_view> texts;
  Findings found;
  std::size_t next = 0;                  // of `texts`
  std::optional<LevelScan<Parts>> scan;  // of the one before `next`, while it is under way
};

GuardSet::Reading::Reading(const GuardSet& guards, std::vector<std::string_view> texts)
    : state_(std::make_unique<State>(State{.parts = *guards.parts_, .texts = std::move(texts)})) {}

GuardSet::Reading::~Reading() = default;

bool GuardSet::Reading::advance(std::size_t bytes) {
  auto& [parts, texts, found, next, scan] = *state_;
  while (scan || next < texts.size()) {
    if (!scan) scan.emplace(parts, texts[next++], found, Until::all_classes);
    if (!scan->advance(bytes, [](const auto&, const auto&) {})) return false;
    scan.reset();
    const std::size_t taken = texts[next - 1].size();
    if (taken >= bytes) return next == texts.size();
    bytes -= taken;
  }
  return true;
}

ClassSet GuardSet::Reading::classes() const { return state_->found.classes(); }

ClassSet GuardSet::classify(const std::vector<std::string_view>& texts) const {
  Findings found;
  for (const std::string_view text : texts) {
    if (parts_->known_clean(text)) continue;
    LevelScan<Parts>(*parts_, text, found, Until::all_classes).advance(all_of_it, [](const auto&, const auto&) {});
    if ((parts_->possible & ~found.classes()) == 0) break;
  }
  return found.classes();
}

std::vector<Finding> GuardSet::inspect(std::string_view text) const {
  std::vector<Finding> list;
  Findings found(list);
  std::size_t placed = 0;  // findings whose places are those of `text`
  const auto place = [&](const auto&, const std::vector<guards::Unescaped>& levels) {
    for (; placed < list.size(); ++placed) {
      for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
        list[placed].begin = level->original(list[placed].begin);
        list[placed].end = level->original(list[placed].end);
      }
    }
  };
  LevelScan<Parts>(*parts_, text, found, Until::end).advance(all_of_it, place);
  drop_contained(*parts_, list);
  return list;
}

ScanWork GuardSet::measure(std::string_view text) const {
  ScanWork work;
  Findings found;
  LevelScan<Parts>(*parts_, text, found, Until::end).advance(all_of_it, [&work](const auto& scan, const auto&) {
    work.bytes += scan.size();
    work.calls += scan.calls();
  });
  return work;
}

}  // namespace weir
