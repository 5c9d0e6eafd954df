// Guard: finds out what a text contains. A guard labels; it never chooses a target. Guards are stateless after
// construction and safe from any thread; they may not do I/O, allocate per call on clean text, or log what they read.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "core/snapshot.h"

namespace weir {

struct Finding {
  std::string_view guard;  // static name of the guard
  std::string_view what;   // static: `email`, `iban`, `us_ssn` …
  ClassSet classes = 0;
  std::size_t begin = 0;   // byte range in the inspected text
  std::size_t end = 0;
};

struct GuardInfo {
  std::string_view name;         // as in guards.def and config `guards.off`
  std::string_view description;
};

class Guard {
 public:
  virtual ~Guard() = default;
  [[nodiscard]] virtual GuardInfo info() const = 0;
  // Appends what it finds in `text` (UTF-8, any size). `out` may already hold findings.
  virtual void inspect(std::string_view text, std::vector<Finding>& out) const = 0;
};

// All guards of one Snapshot, run as one. Built at config load; immutable; safe from any thread.
class GuardSet {
 public:
  explicit GuardSet(const GuardSettings& settings);
  ~GuardSet();
  GuardSet(GuardSet&&) noexcept;
  GuardSet& operator=(GuardSet&&) noexcept;

  // The classes of everything in `texts`; stops early only when all classes that can be found are found.
  [[nodiscard]] ClassSet classify(const std::vector<std::string_view>& texts) const;
  // All findings in one text, in order of position: for explain and for tests.
  [[nodiscard]] std::vector<Finding> inspect(std::string_view text) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// All entries of guards.def, in that order.
[[nodiscard]] std::vector<GuardInfo> guard_infos();

}  // namespace weir
