// Command: one verb of the `weir` program. One file per command (`src/cli/<name>.cpp`) with one line in commands.def;
// help, completion scripts and the command list derive from that table. Start-up code on the main thread: it may throw.
//
// To write one, see version.cpp: derive from Command, say name, summary and examples in `info`, bind options to members
// in `options`, do the work in `run`, and define `make_<name>_command`.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/console.h"

namespace CLI {
class App;
}

namespace weir {

// What a script can rely on. Documented in `weir --help`.
enum class ExitCode : uint8_t {
  ok = 0,
  failed = 1,           // it was tried and did not work
  usage = 2,            // the command line is wrong
  config_invalid = 3,   // the configuration was refused; its faults are on stderr
  refused = 4,          // the answer is no: no candidate may or can serve the request, or a key is unknown
  data_unavailable = 5  // the data folder cannot be opened, or is in use in a way that excludes us
};

struct CommandInfo {
  std::string_view name;
  std::string_view summary;                // one line
  std::string_view details;                // "" or a paragraph
  std::vector<std::string_view> examples;  // whole command lines
};

class Command {
 public:
  virtual ~Command() = default;
  [[nodiscard]] virtual CommandInfo info() const = 0;
  // Binds options to members of the command, which lives as long as `app`.
  virtual void options(CLI::App& app) = 0;
  [[nodiscard]] virtual ExitCode run(Console& console) = 0;
};

// All entries of commands.def, in that order; fresh ones at each call.
[[nodiscard]] std::vector<std::unique_ptr<Command>> make_commands();

// The whole program: parses, runs, returns the exit code of the process.
[[nodiscard]] int run_command_line(int argc, const char* const* argv, Console& console);

// Options that several commands share, with the same spelling and help everywhere.
struct CommonOptions {
  std::string config;  // "" = the default path, if there is a file
  std::string data;    // "" = the default folder
  bool json = false;
  void add_config(CLI::App& app);
  void add_data(CLI::App& app);
  void add_json(CLI::App& app);
};

}  // namespace weir
