#include "core/version.h"

#include <openssl/crypto.h>
#include <sqlite3.h>
#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "core/json.h"

namespace weir {
namespace {

class VersionCommand final : public Command {
 public:
  [[nodiscard]] CommandInfo info() const override {
    return {.name = "version",
            .summary = "Print the version",
            .details = "With --json also what it was built with: put that into a bug report.",
            .examples = {"weir version", "weir version --json"}};
  }

  void options(CLI::App& app) override { json_.add(app); }

  [[nodiscard]] ExitCode run(Console& console) override {
    console.print_line(json_.given ? as_json() : fmt::format("weir {}", version()));
    return ExitCode::ok;
  }

 private:
  static std::string as_json() {
    std::string text;
    json::Writer out(text);
    out.begin_object();
    out.key("version").value(version());
    out.key("compiler").value("g++ " __VERSION__);
    out.key("openssl").value(OpenSSL_version(OPENSSL_VERSION));
    out.key("sqlite").value(sqlite3_libversion());
    out.key("simdjson").value(SIMDJSON_STRINGIFY(SIMDJSON_VERSION));
    out.key("simdjson_implementation").value(simdjson::get_active_implementation()->name());
    out.end_object();
    return text;
  }

  JsonOption json_;
};

}  // namespace

std::unique_ptr<Command> make_version_command() { return std::make_unique<VersionCommand>(); }

}  // namespace weir
