// What the roles of messages are called where nobody tells developers from the system, as in most wire formats. Pure.
#pragma once

#include <string_view>

#include "core/request.h"

namespace weir {

constexpr std::string_view common_role_name(Role role) {
  switch (role) {
    case Role::system:
    case Role::developer:
      return "system";
    case Role::user:
      return "user";
    case Role::assistant:
      return "assistant";
    case Role::tool:
      return "tool";
  }
  return "user";
}

}  // namespace weir
