#include "providers/provider.h"

namespace weir {

#define PROVIDER(name) std::unique_ptr<const Provider> make_##name##_provider();
#include "providers/providers.def"
#undef PROVIDER

namespace {

struct Registry {
  std::vector<std::unique_ptr<const Provider>> owned;
  std::vector<const Provider*> all;

  Registry() {
#define PROVIDER(name) owned.push_back(make_##name##_provider());
#include "providers/providers.def"
#undef PROVIDER
    for (const auto& provider : owned) all.push_back(provider.get());
  }
};

}  // namespace

const std::vector<const Provider*>& providers() {
  static const Registry registry;
  return registry.all;
}

const Provider* find_provider(std::string_view adapter) {
  for (const auto* provider : providers()) {
    if (provider->info().name == adapter) return provider;
  }
  return nullptr;
}

}  // namespace weir
