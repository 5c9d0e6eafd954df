#include "config/describer.h"
#include "economics/document/document.h"
#include "economics/document/document_keys.h"

namespace weir::plan {

std::string plan_reference() { return reference_of(config::Describer::keys_of<PlanDoc>()); }

std::string plan_schema() { return schema_of("Weir plan", config::Describer::keys_of<PlanDoc>()); }

}  // namespace weir::plan
