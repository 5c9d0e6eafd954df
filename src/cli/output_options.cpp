#include <CLI/CLI.hpp>

#include "cli/plan.h"

namespace weir {

void OutputOptions::add(CLI::App& app) {
  auto* as_json = app.add_flag("--json", json, "Print JSON");
  app.add_flag("--csv", csv, "Print the main table as CSV")->excludes(as_json);
  app.add_option("--html", html, "Also write a report with charts into this file")->type_name("FILE");
}

}  // namespace weir
