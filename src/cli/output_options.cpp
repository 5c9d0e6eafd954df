#include <CLI/CLI.hpp>

#include "cli/plan.h"
#include "cli/write_file.h"
#include "config/load.h"

namespace weir {
void OutputOptions::add(CLI::App& app) {
  auto* as_json = app.add_flag("--json", json, "Print JSON");
  auto* as_csv = app.add_flag("--csv", csv, "Print the main table as CSV")->excludes(as_json);
  app.add_option("--html", html, "Also write a report with charts into this file; - for standard output")
      ->type_name("FILE")
      ->check([as_json, as_csv](const std::string& file) -> std::string {
        if (file.empty()) return "name a file";
        const bool twice = file == "-" && (as_json->count() > 0 || as_csv->count() > 0);
        return twice ? "standard output has --json or --csv already: name a file" : "";
      });
}

ExitCode OutputOptions::show(const plan::Report& report, std::string_view as_json, Console& console) const {
  if (html == "-") {
    console.print(plan::to_html(report));
    return ExitCode::ok;
  }
  if (json) {
    console.print_line(as_json);
  } else if (csv) {
    console.print(plan::to_csv(report));
  } else {
    console.print(plan::to_text(report, console.columns()));
  }
  if (html.empty()) return ExitCode::ok;
  if (const Status written = write_file(html, plan::to_html(report)); !written) {
    console.error(written.error().message, "name a file in a folder that is there and may be written to");
    return ExitCode::failed;
  }
  console.note(fmt::format("the report with charts is in {}", html));
  return ExitCode::ok;
}

}  // namespace weir
