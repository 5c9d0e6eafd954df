#include "plan/document.h"

namespace weir::plan {
std::string plan_reference() { return {}; }
std::string plan_schema() { return {}; }
}  // namespace weir::plan
