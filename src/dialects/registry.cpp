#include "dialects/dialect.h"

namespace weir {

#define DIALECT(name) std::unique_ptr<const Dialect> make_##name##_dialect();
#include "dialects/dialects.def"
#undef DIALECT

namespace {

struct Registry {
  std::vector<std::unique_ptr<const Dialect>> owned;
  std::vector<const Dialect*> all;

  Registry() {
#define DIALECT(name) owned.push_back(make_##name##_dialect());
#include "dialects/dialects.def"
#undef DIALECT
    for (const auto& dialect : owned) all.push_back(dialect.get());
  }
};

}  // namespace

const std::vector<const Dialect*>& dialects() {
  static const Registry registry;
  return registry.all;
}

const Dialect* find_dialect(std::string_view name) {
  for (const auto* dialect : dialects()) {
    if (dialect->info().name == name) return dialect;
  }
  return nullptr;
}

DialectMatch match_dialect(std::string_view method, std::string_view path) {
  path = path.substr(0, path.find('?'));
  DialectMatch match;
  for (const auto* dialect : dialects()) {
    for (const auto& served : dialect->info().paths) {
      if (served.path != path) continue;
      match.path_known = true;
      if (served.method == method) return {.dialect = dialect, .operation = served.operation, .path_known = true};
    }
  }
  return match;
}

}  // namespace weir
