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

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/snapshot.h"

namespace weir {

namespace guards {
struct Number;
}

struct Finding {
  std::string_view guard;  // static name of the guard
  std::string_view what;   // static: `email`, `iban`, `us_ssn` …
  ClassSet classes = 0;
  std::size_t begin = 0;  // byte range in the inspected text; where it was written with escapes, the range of those
  std::size_t end = 0;    // ends at the latest where the guard's view of the text does
};

// What makes the set call a guard. All that are given count.
struct Triggers {
  // Each place of one of these ASCII bytes; keep them rare. `@` also stands for its full-width forms.
  std::string_view bytes;
  // Each place where a word begins with one of these; letter case, width and zero-width characters are ignored, a space
  // stands for any white space. The views live as long as the guard.
  std::span<const std::string_view> words;
  // Each group of digits from which on a number (see guards::Number) has at least so many digits; 0 = none.
  uint32_t digits = 0;
};

struct GuardInfo {
  std::string_view name;  // as in guards.def and config `guards.off`
  std::string_view description;
  ClassSet classes = 0;  // all that it may find
  Triggers triggers;
};

// One place where a trigger stands. Offsets are into `text`.
struct Sighting {
  static constexpr std::size_t look_back = 256;
  static constexpr std::size_t look_ahead = 1024;

  std::string_view text;  // the trigger with what is around it; may begin and end within a character
  std::size_t at = 0;     // the trigger: [at, end)
  std::size_t end = 0;
  std::size_t word = 0;                    // triggered by a word: its index in Triggers::words
  const guards::Number* number = nullptr;  // triggered by a number: the groups of digits around,
  std::size_t group = 0;                   // and the one that begins at `at`
};

// Where guards put what they find: a list, or only the classes when nobody wants the places.
class Findings {
 public:
  Findings() = default;
  explicit Findings(std::vector<Finding>& list) : list_(&list) {}

  // [begin, end) in the text of the Sighting that the guard was called with.
  void add(std::string_view what, ClassSet classes, std::size_t begin, std::size_t end);

  // For the GuardSet: who finds from here on, and where its view lies in the whole text.
  void aim(std::string_view guard, std::size_t offset);
  [[nodiscard]] ClassSet classes() const { return classes_; }
  [[nodiscard]] const std::vector<Finding>* list() const { return list_; }

 private:
  std::vector<Finding>* list_ = nullptr;
  ClassSet classes_ = 0;
  std::string_view guard_;
  std::size_t offset_ = 0;
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

  // The classes of everything in `texts`; stops early only when all classes that can be found are found. A text that
  // holds escapes (`\u0040`, `%40`, `&#64;`) is read as it stands and unescaped.
  [[nodiscard]] ClassSet classify(const std::vector<std::string_view>& texts) const;
  // The same, a part at a time: megabytes of numbers take tenths of a second, in which nobody else on the thread would
  // be served. The guards and the texts outlive it.
  class Reading {
   public:
    Reading(const GuardSet& guards, std::vector<std::string_view> texts);
    ~Reading();
    // Reads on for about `bytes`; true when all was read.
    bool advance(std::size_t bytes);
    // Of what was read.
    [[nodiscard]] ClassSet classes() const;

   private:
    struct State;
    std::unique_ptr<State> state_;
  };
  // All findings in one text, in order of position: for explain and for tests. A finding within another one that has
  // all its classes is left out.
  [[nodiscard]] std::vector<Finding> inspect(std::string_view text) const;
  [[nodiscard]] ScanWork measure(std::string_view text) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// All entries of guards.def, in that order.
[[nodiscard]] std::vector<GuardInfo> guard_infos();

}  // namespace weir
