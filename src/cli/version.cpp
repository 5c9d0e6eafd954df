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
    std::string out = "{";
    const auto add = [&](std::string_view name, std::string_view value) {
      if (out.size() > 1) out += ',';
      json::append_string(out, name);
      out += ':';
      json::append_string(out, value);
    };
    add("version", version());
    add("compiler", "g++ " __VERSION__);
    add("openssl", OpenSSL_version(OPENSSL_VERSION));
    add("sqlite", sqlite3_libversion());
    add("simdjson", SIMDJSON_STRINGIFY(SIMDJSON_VERSION));
    add("simdjson_implementation", simdjson::get_active_implementation()->name());
    return out + "}";
  }

  JsonOption json_;
};

}  // namespace

std::unique_ptr<Command> make_version_command() { return std::make_unique<VersionCommand>(); }

}  // namespace weir
