// The bytes of tools/identity/model.bin, embedded. Constant; safe from any thread.
#pragma once

#include <string_view>

namespace weir::guards {

[[nodiscard]] std::string_view identity_data();

}  // namespace weir::guards
