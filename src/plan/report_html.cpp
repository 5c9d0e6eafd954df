#include "plan/report.h"

namespace weir::plan {

std::string to_html(const Report& report) { return "<!doctype html>\n<title>" + report.title + "</title>\n"; }

}  // namespace weir::plan
