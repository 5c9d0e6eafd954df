// Sensitivity classes: what kind of private thing a request contains. Seven are built in: six say what was found,
// `unreadable` that something could not be read (core/unreadable.h); the others are the team's own (`custom:NAME`) and
// are numbered by the config that defines them. A ClassSet is one bit per class, so that facts and
// rules compare in one instruction. Values; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

using ClassSet = uint64_t;

enum : ClassSet {
  class_personal = 1U << 0,
  class_financial = 1U << 1,
  class_health = 1U << 2,
  class_secret = 1U << 3,
  class_unreadable = 1U << 4,
  class_special = 1U << 5,   // the special categories of GDPR article 9 beside health
  class_identity = 1U << 6,  // names of persons and postal addresses; part of `any` only where the config says so
};

// How sure a guard is of what it found. `low`: it may as well be something else, as a number with a wrong check digit
// after a word that names it; `medium`: a form or a word says so; `high`: a check digit, an issuer's mark or several
// signs together.
enum class Confidence : uint8_t { low, medium, high };
inline constexpr std::string_view confidence_names[] = {"low", "medium", "high"};
[[nodiscard]] constexpr std::string_view to_text(Confidence confidence) {
  return confidence_names[static_cast<std::size_t>(confidence)];
}
// Of one of `confidence_names`.
[[nodiscard]] constexpr Confidence confidence_of(std::string_view name) {
  return name == "high" ? Confidence::high : name == "medium" ? Confidence::medium : Confidence::low;
}

// Classes by how sure the guards were: those of any finding, and of these the ones that no surer finding has. So that
// who knows only the classes counts as certain.
struct FoundClasses {
  ClassSet all = 0;
  ClassSet below_medium = 0;
  ClassSet below_high = 0;

  [[nodiscard]] constexpr ClassSet at_least(Confidence least) const {
    return all & ~(least == Confidence::high ? below_high : least == Confidence::medium ? below_medium : ClassSet{0});
  }
};

// The names of the classes of one config: the built-in ones first, then `custom:*` in the order they were added.
class ClassNames {
 public:
  static constexpr std::size_t max_classes = 64;

  ClassNames();

  // The bit of `name`; nullopt when this config does not define it.
  [[nodiscard]] std::optional<ClassSet> find(std::string_view name) const;
  // The bit of `name`, which is added when it is new; nullopt when all 64 bits are taken or the name is neither built
  // in nor of the form `custom:[a-z0-9_-]+`.
  std::optional<ClassSet> add(std::string_view name);
  // Names of all bits in `set`, in bit order.
  [[nodiscard]] std::vector<std::string_view> list(ClassSet set) const;
  // The same as one text: `personal,custom:project`; "" for none.
  [[nodiscard]] std::string join(ClassSet set) const;
  [[nodiscard]] const std::vector<std::string>& all() const { return names_; }

 private:
  std::vector<std::string> names_;
};

}  // namespace weir
