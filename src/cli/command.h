// Command: one verb of the `weir` program. One file per command (`src/cli/<name>.cpp`) with one line in commands.def;
// help, completion scripts and the command list derive from that table. Main thread, start-up code: it may throw.
//
// To write one, see version.cpp: derive from Command, say name, summary and examples in `info`, bind options to members
// in `options`, do the work in `run`, and define `make_<name>_command`.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/console.h"
#include "ledger/pricing.h"

namespace CLI {
class App;
}

namespace weir {

// What a script can rely on. Shown in `weir --help`.
enum class ExitCode : uint8_t {
  ok = 0,
  failed = 1,           // it was tried and did not work
  usage = 2,            // the command line is wrong
  config_invalid = 3,   // the configuration was refused; its faults are on stderr
  refused = 4,          // the answer is no: nothing may or can serve the request, or what was named does not exist
  data_unavailable = 5  // the data folder cannot be opened, or another weir serves from it
};

struct CommandInfo {
  std::string_view name;
  std::string_view summary;                // one line
  std::string_view details;                // "" or paragraphs
  std::vector<std::string_view> examples;  // whole command lines
};

class Command {
 public:
  virtual ~Command() = default;
  [[nodiscard]] virtual CommandInfo info() const = 0;
  // Binds options, and subcommands where there are some, to members of the command, which outlives `app`.
  virtual void options(CLI::App& app) = 0;
  [[nodiscard]] virtual ExitCode run(Console& console) = 0;
};

// All entries of commands.def, in that order; fresh ones at each call.
[[nodiscard]] std::vector<std::unique_ptr<Command>> make_commands();

// The parser with all commands in it, for parsing and for completion scripts.
class CommandLine {
 public:
  CommandLine();
  ~CommandLine();
  [[nodiscard]] const CLI::App& app() const { return *app_; }
  // Parses and runs; the exit code of the process.
  [[nodiscard]] int run(int argc, const char* const* argv, Console& console);

 private:
  std::vector<std::unique_ptr<Command>> commands_;
  std::unique_ptr<CLI::App> app_;
};

// Options that several commands share, with one spelling and one help text.
struct ConfigOption {
  std::string given;
  void add(CLI::App& app);
  // The file to read: the one given; else $WEIR_CONFIG; else the default one if it exists; else "" (no configuration).
  [[nodiscard]] std::string file() const;
};
struct DataOption {
  std::string given;
  void add(CLI::App& app);
  // The folder: the one given; else $WEIR_DATA; else the default one. It need not exist.
  [[nodiscard]] std::string folder() const;
};
// The newest prices there are in the usual data folder, as of today.
[[nodiscard]] Catalog catalog_of_today();

struct JsonOption {
  bool given = false;
  void add(CLI::App& app);
};

}  // namespace weir
