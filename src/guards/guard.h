// Guard: finds out what a text contains. A guard labels; it never chooses a target. Guards are stateless after
// construction and safe from any thread; they may not do I/O, allocate per call on clean text, or log what they read.
//
// A guard does not read the text itself. It names its triggers: rare bytes, words, numbers of enough digits. The
// GuardSet makes one vectorised pass over the text for all guards together and calls a guard only where one of its
// triggers stands, with the text around that place and no more (`look_back`, `look_ahead`). So a clean text costs one
// pass, and the work on any text is linear in its length, whatever a guard does inside its view.
//
// A new guard is one file, `src/guards/<name>.cpp`, with `std::unique_ptr<Guard> make_<name>_guard(const
// GuardSettings&)`, and one line, `GUARD(<name>)`, in guards.def. `private_key.cpp` is the shortest example by word,
// `email.cpp` by byte, `payment_card.cpp` by number.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/snapshot.h"

namespace weir {

namespace guards {
class LayoutBeginnings;
struct Number;
struct Parts;
struct Unescaped;
class Exceptions;
class Passage;
}  // namespace guards

struct Finding {
  std::string_view guard;  // static name of the guard
  std::string_view what;   // static: `email`, `iban`, `us_ssn` …
  ClassSet classes = 0;
  std::size_t begin = 0;  // byte range in the inspected text; where it was written with escapes, the range of those
  std::size_t end = 0;
  Confidence confidence = Confidence::high;
};

// What was found in one of several texts.
struct Located {
  std::string_view what;
  ClassSet classes = 0;
  std::size_t text = 0;                      // index; of what lies across several, of the first
  Confidence confidence = Confidence::high;  // of the surest such finding

  bool operator==(const Located&) const = default;
};

// Where it stands, or a part of it, where it lies across several texts.
struct FoundPlace {
  std::string_view what;
  ClassSet classes = 0;
  Confidence confidence = Confidence::high;
  std::size_t text = 0;  // index
  std::size_t begin = 0;
  std::size_t end = 0;
};

// What makes the set call a guard. All that are given count.
struct Triggers {
  // Each place of one of these ASCII bytes; keep them rare. `@` also stands for its full-width forms.
  std::string_view bytes;
  // Only where one of these ASCII bytes follows, too; "" for any. Of `: ` texts are full.
  std::string_view followers;
  // Each place where a word begins with one of these; letter case, width and zero-width characters are ignored, a space
  // stands for any white space. The views live as long as the guard.
  std::span<const std::string_view> words;
  // Each group of digits from which on a number (see guards::Number) has at least so many digits; 0 = none.
  uint32_t digits = 0;
  // Each run of at least so many ASCII letters and digits that is no longer than Sighting::longest_run; 0 = none.
  uint32_t run = 0;
  // Looks at a few bytes around a place of `bytes`, [begin, end) of the whole text, and at a
  // group of a number: false where the guard would find nothing. A guard that is called often is called seldom by
  // these.
  using ByteFits = bool (*)(std::string_view text, std::size_t begin, std::size_t end);
  using NumberFits = bool (*)(std::string_view text, const guards::Number& number, std::size_t group);
  ByteFits byte_fits = nullptr;
  NumberFits number_fits = nullptr;
  // Of groups in the midst of a number, with one byte between them and those beside them, no parenthesis before them,
  // only where it goes on as one of these does; null: none. `12 4711 88 3 2048` has many such groups.
  const guards::LayoutBeginnings* within = nullptr;
  // The whole text, a stretch of up to Sighting::stretch bytes at a time; dear, so for guards that are asked for.
  bool stretches = false;
};

struct GuardInfo {
  std::string_view name;  // as in guards.def and config `guards.off`
  std::string_view description;
  ClassSet classes = 0;  // all that it may find
  Triggers triggers;
  std::vector<std::string_view> kinds;  // what its findings are called; static
  std::vector<std::string_view> names;  // that columns of tables have which hold such; static
};

namespace guards {

// The kinds that a table's rows are of, each once, and some more.
template <typename Rows>
std::vector<std::string_view> kinds_of(const Rows& rows, std::vector<std::string_view> kinds = {}) {
  for (const auto& row : rows) {
    if (std::find(kinds.begin(), kinds.end(), row.what) == kinds.end()) kinds.push_back(row.what);
  }
  return kinds;
}

}  // namespace guards

// One place where a trigger stands. Offsets are into `text`.
struct Sighting {
  static constexpr std::size_t look_back = 256;
  static constexpr std::size_t look_ahead = 1024;
  static constexpr std::size_t stretch = 4096;
  static constexpr std::size_t shortest_run = 16;  // that a guard may ask for
  static constexpr std::size_t longest_run = 512;
  static constexpr std::size_t of_run = SIZE_MAX;

  std::string_view text;  // the trigger with what is around it; may begin and end within a character
  std::size_t at = 0;     // the trigger, or the stretch: [at, end)
  std::size_t end = 0;
  std::size_t word = 0;                    // triggered by a word: its index in Triggers::words; by a run: of_run
  const guards::Number* number = nullptr;  // triggered by a number: the groups of digits around,
  std::size_t group = 0;                   // and the one that begins at `at`
};

// Where guards put what they find: a list, or only the classes when nobody wants the places.
class Findings {
 public:
  Findings() = default;
  explicit Findings(std::vector<Finding>& list) : list_(&list) {}

  // [begin, end) in the text of the Sighting that the guard was called with.
  void add(std::string_view what, ClassSet classes, std::size_t begin, std::size_t end,
           Confidence confidence = Confidence::high);

  // The same of a value that may go on beyond the view, as long keys do: `extend(text, end)` says where in the whole
  // text it ends. Asked once for each stretch of text, so the work stays linear.
  using Extend = std::size_t (*)(std::string_view text, std::size_t end);
  void add_whole(std::string_view what, ClassSet classes, std::size_t begin, std::size_t end, Confidence confidence,
                 Extend extend);

  // For the GuardSet. Which text is read from here on; who finds, in which view, and where that lies in the text.
  void begin(std::string_view whole);
  void aim(std::string_view guard, std::string_view view, std::size_t offset) {
    guard_ = guard;
    view_ = view;
    offset_ = offset;
  }
  void except(const guards::Exceptions& exceptions) { exceptions_ = &exceptions; }
  // The text is a passage, of which not all counts; it was made from `levels.front()` and so on.
  void read(const guards::Passage& passage) { passage_ = &passage; }
  void unescaped(const std::vector<guards::Unescaped>& levels) { levels_ = &levels; }
  // All that is found from here on, until `unpin`, stands at this place of the text.
  // Of a row that was written anew, where its value does if it stands there as it is.
  void pin(std::size_t begin, std::size_t end, std::string_view whole);
  // Of a text put together from two, only what lies across this place counts.
  // By markup: names with numbers in them look like it, so that only what is named or checked twice over counts.
  enum class Joined : uint8_t { directly, by_space, by_markup };
  void cross(std::size_t at, Joined joined) {
    crossing_ = true;
    crossing_at_ = at;
    joined_ = joined;
  }
  void unpin() { pinned_ = crossing_ = false; }
  [[nodiscard]] ClassSet classes() const { return by_confidence_.front(); }
  [[nodiscard]] ClassSet certain() const { return by_confidence_.back(); }
  [[nodiscard]] FoundClasses found() const {
    const ClassSet all = classes();
    return {.all = all, .below_medium = all & ~by_confidence_[1], .below_high = all & ~certain()};
  }
  [[nodiscard]] const std::vector<Finding>* list() const { return list_; }

 private:
  [[nodiscard]] bool crosses(std::size_t begin, std::size_t end) const;
  void note(ClassSet classes, Confidence confidence);

  std::vector<Finding>* list_ = nullptr;
  std::array<ClassSet, std::size(confidence_names)> by_confidence_{};  // found with at least that
  const guards::Exceptions* exceptions_ = nullptr;
  const guards::Passage* passage_ = nullptr;
  const std::vector<guards::Unescaped>* levels_ = nullptr;
  std::string_view guard_;
  std::string_view view_;
  std::string_view whole_;  // what the view is of
  std::size_t offset_ = 0;
  struct Extended {
    Extend by = nullptr;
    std::size_t end = 0;  // of `whole_`: findings were extended up to here
  };
  std::array<Extended, 8> extended_{};
  std::size_t pin_begin_ = 0;
  std::size_t pin_end_ = 0;
  std::size_t crossing_at_ = 0;
  Joined joined_ = Joined::directly;
  bool crossing_ = false;
  bool pinned_ = false;
};

class Guard {
 public:
  virtual ~Guard() = default;
  // The same each time; views live as long as the guard.
  [[nodiscard]] virtual GuardInfo info() const = 0;
  // Called once per sighting, in no order that a guard may rely on. Any bytes may come: NUL, invalid UTF-8.
  virtual void inspect(const Sighting& sighting, Findings& out) const = 0;
};

// What one pass cost: for benchmarks and for the test that work stays linear.
struct ScanWork {
  std::size_t bytes = 0;  // scanned, unescaped copies included
  std::size_t calls = 0;  // of guards
};

// All guards of one Snapshot, run as one. Built at config load; immutable; safe from any thread.
class GuardSet {
 public:
  explicit GuardSet(const GuardSettings& settings);
  ~GuardSet();
  GuardSet(GuardSet&&) noexcept;
  GuardSet& operator=(GuardSet&&) noexcept;

  // The classes of everything in `texts`, each read with what stands around it in the others (guards::Joint); stops
  // early only when all classes that can be found are found. A text that holds escapes (`\u0040`, `%40`, `&#64;`) is
  // read as it stands and unescaped. Without `kinds` all texts are values, one behind the other.
  [[nodiscard]] ClassSet classify(const std::vector<std::string_view>& texts, json::TextKinds kinds = {}) const;
  // The same, a part at a time: megabytes of numbers take tenths of a second, in which nobody else on the thread would
  // be served. The guards and the texts outlive it.
  class Reading {
   public:
    Reading(const GuardSet& guards, std::vector<std::string_view> texts, json::TextKinds kinds = {});
    ~Reading();
    // Also remembers what is found where; call it before the first `advance`.
    void locate();
    // Reads on for about `bytes`; true when all was read.
    bool advance(std::size_t bytes);
    // Of what was read.
    [[nodiscard]] ClassSet classes() const;
    [[nodiscard]] FoundClasses found() const;
    // Each kind that was found in a text once, in the order of the texts.
    [[nodiscard]] std::vector<Located> located() const;
    // After `locate`: every place of everything that was found, in no order; the same one may come more than once.
    [[nodiscard]] const std::vector<FoundPlace>& places() const;

   private:
    struct State;
    std::unique_ptr<State> state_;
  };
  // All findings in one text, in order of position, for those who read one by itself; what stands in base64 or hex at
  // the place of the whole run. A finding within another one that has all its classes is left out.
  [[nodiscard]] std::vector<Finding> inspect(std::string_view text) const;
  [[nodiscard]] ScanWork measure(std::string_view text) const;

 private:
  std::unique_ptr<guards::Parts> parts_;
};

// All entries of guards.def, in that order.
[[nodiscard]] std::vector<GuardInfo> guard_infos();

}  // namespace weir
