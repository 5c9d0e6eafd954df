// Sensitivity classes: what kind of private thing a request contains. Five are built in: four say what was found,
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
