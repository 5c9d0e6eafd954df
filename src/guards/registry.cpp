#include "guards/registry.h"

namespace weir {

#define GUARD(name) std::unique_ptr<Guard> make_##name##_guard(const GuardSettings& settings);
#include "guards/guards.def"
#undef GUARD

namespace guards {

std::vector<std::unique_ptr<Guard>> make_guards(const GuardSettings& settings) {
  using Factory = std::unique_ptr<Guard> (*)(const GuardSettings&);
  static constexpr Factory factories[] = {
#define GUARD(name) &make_##name##_guard,
#include "guards/guards.def"
#undef GUARD
  };
  std::vector<std::unique_ptr<Guard>> all;
  for (const Factory factory : factories) all.push_back(factory(settings));
  return all;
}

}  // namespace guards

std::vector<GuardInfo> guard_infos() {
  std::vector<GuardInfo> infos;
  for (const auto& guard : guards::make_guards({})) {
    infos.push_back(guard->info());
    infos.back().triggers = {};  // may view into the guard, which ends here
  }
  return infos;
}

}  // namespace weir
