// Whether names and addresses are looked for: where a rule asks for their class, or `any` has them in it.
#include <algorithm>

#include "config/build.h"

namespace weir::config {

void Builder::identity() {
  GuardSettings& guards = snapshot_.guards;
  guards.identity_in_any = document_.guards.identity.in_any;
  guards.identity = guards.identity_in_any;
  for (auto& route : snapshot_.routes) {
    for (auto& rule : route.rules) {
      if (rule.when.sensitive_any && guards.identity_in_any) rule.when.sensitive |= class_identity;
      guards.identity = guards.identity || (rule.when.sensitive & class_identity) != 0;
    }
  }
}

}  // namespace weir::config
