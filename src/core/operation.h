// Operation: what can be asked of a gateway, and sets of it. Values; safe from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace weir {

enum class Operation : uint8_t {
#define OPERATION(name, service) name,
#include "core/operation.def"
#undef OPERATION
};

inline constexpr std::array all_operations = {
#define OPERATION(name, service) Operation::name,
#include "core/operation.def"
#undef OPERATION
};

[[nodiscard]] std::string_view to_string(Operation operation);
// What a model serves that takes it: `chat`, `completions`, `embeddings`.
[[nodiscard]] std::string_view service_name(Operation operation);
// What it is paid by where that is no token, as in `prices` of the config: `image`, `second` (of sound, or of a
// machine), `character`, `search`; "" for the others.
[[nodiscard]] std::string_view unit_name(Operation operation);
// By to_string().
[[nodiscard]] std::optional<Operation> find_operation(std::string_view name);

using OperationSet = uint16_t;
[[nodiscard]] constexpr OperationSet set_of(Operation operation) {
  return static_cast<OperationSet>(1U << static_cast<unsigned>(operation));
}
template <typename... More>
[[nodiscard]] constexpr OperationSet set_of(Operation first, More... more) {
  return static_cast<OperationSet>(set_of(first) | set_of(more...));
}
[[nodiscard]] constexpr bool holds(OperationSet set, Operation operation) { return (set & set_of(operation)) != 0; }

}  // namespace weir
