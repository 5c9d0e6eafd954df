// The table of engines: every line of stores.def, in its order.
#include <array>

#include "ledger/store.h"

namespace weir {

#define STORE(name)              \
  StoreInfo name##_store_info(); \
  Result<std::unique_ptr<Store>> open_##name##_store(const StoreOptions& options);
#include "stores/stores.def"
#undef STORE

namespace {

struct Engine {
  StoreInfo (*info)();
  Result<std::unique_ptr<Store>> (*open)(const StoreOptions& options);
};

constexpr std::array engines = {
#define STORE(name) Engine{&name##_store_info, &open_##name##_store},
#include "stores/stores.def"
#undef STORE
};

}  // namespace

std::vector<StoreInfo> store_infos() {
  std::vector<StoreInfo> infos;
  for (const auto& engine : engines) infos.push_back(engine.info());
  return infos;
}

Result<std::unique_ptr<Store>> open_store(std::string_view engine, const StoreOptions& options) {
  std::string known;
  for (const auto& entry : engines) {
    if (entry.info().name == engine) return entry.open(options);
    known += known.empty() ? "" : ", ";
    known += entry.info().name;
  }
  return failure(ErrorCode::invalid_request, fmt::format("there is no ledger store `{}`; there is: {}", engine, known));
}

}  // namespace weir
