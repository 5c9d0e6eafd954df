#include <CLI/CLI.hpp>

#include <filesystem>

#include "cli/command.h"
#include "cli/paths.h"
#include "config/load.h"
#include "core/nearest.h"
#include "core/version.h"
#include "ledger/catalog_edition.h"
#include "ledger/query.h"
#include "pipeline/worker.h"

namespace weir {

#define COMMAND(name) std::unique_ptr<Command> make_##name##_command();
#include "cli/commands.def"
#undef COMMAND

namespace {

constexpr std::string_view exit_codes =
    "Exit codes:\n"
    "  0  done\n"
    "  1  it was tried and did not work\n"
    "  2  the command line is wrong\n"
    "  3  the configuration was refused\n"
    "  4  the answer is no: nothing may or can serve the request, or what was named does not exist\n"
    "  5  the data folder cannot be opened, or another weir serves from it\n";

// What follows the options in the help of a command.
std::string footer_of(const CommandInfo& info) {
  std::string text;
  if (!info.details.empty()) text += std::string(info.details) + "\n";
  if (info.examples.empty()) return text;
  if (!text.empty()) text += '\n';
  text += info.examples.size() == 1 ? "Example:\n" : "Examples:\n";
  for (const std::string_view example : info.examples) text += "  " + std::string(example) + "\n";
  return text;
}

// Says what is wrong with the command line, and where help is.
void report(const CLI::ParseError& error, const CLI::App& app, int argc, const char* const* argv, Console& console) {
  const CLI::App* at = &app;
  std::string path = "weir";
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    path += ' ' + at->get_name();
  }
  const std::string help = fmt::format("see {} --help", path);
  if (at != &app || argc < 2 || argv[1][0] == '-') return console.error(error.what(), help);

  std::vector<std::string_view> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  const std::string_view meant = nearest(argv[1], names);
  console.error(fmt::format("there is no command \"{}\"", argv[1]),
                meant.empty() ? help : fmt::format("did you mean \"{}\"?", meant));
}

// Where the words of the command line go wrong: a word that is no command of where it stands. Help is asked for
// somewhere behind it, and the parser would give that of what it had understood.
bool names_no_command(const CLI::App& app, int argc, const char* const* argv) {
  const CLI::App* at = &app;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.starts_with('-')) return false;
    const auto commands = at->get_subcommands({});
    const auto next =
        std::find_if(commands.begin(), commands.end(), [&](const auto* one) { return one->check_name(word); });
    if (next == commands.end()) {
      const bool takes_words =
          !at->get_options([](const CLI::Option* option) { return option->get_positional(); }).empty();
      return !commands.empty() && !takes_words;
    }
    at = *next;
  }
  return false;
}

std::string variable_or(std::string_view name) { return process_environment()(name).value_or(""); }

}  // namespace

std::vector<std::unique_ptr<Command>> make_commands() {
  std::vector<std::unique_ptr<Command>> commands;
#define COMMAND(name) commands.push_back(make_##name##_command());
#include "cli/commands.def"
#undef COMMAND
  return commands;
}

CommandLine::CommandLine() : commands_(make_commands()) {
  app_ = std::make_unique<CLI::App>("One endpoint in front of local and cloud models.", "weir");
  app_->set_version_flag("--version", std::string("weir ") + std::string(version()), "Print the version");
  app_->set_help_flag("-h,--help", "Print help");
  app_->require_subcommand(0, 1);
  app_->get_formatter()->column_width(34);
  app_->get_formatter()->label("SUBCOMMAND", "COMMAND");
  app_->footer(std::string(exit_codes) + "\nHelp on one command: weir COMMAND --help\n");
  for (const auto& command : commands_) {
    const CommandInfo info = command->info();
    CLI::App* sub = app_->add_subcommand(std::string(info.name), std::string(info.summary));
    sub->footer(footer_of(info));
    command->options(*sub);
  }
}

CommandLine::~CommandLine() = default;

int CommandLine::run(int argc, const char* const* argv, Console& console) {
  try {
    app_->parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    if (names_no_command(*app_, argc, argv)) {
      report(CLI::ExtrasError("weir", std::vector<std::string>(argv + 1, argv + argc)), *app_, argc, argv, console);
      return static_cast<int>(ExitCode::usage);
    }
    console.print(app_->help());
    return static_cast<int>(ExitCode::ok);
  } catch (const CLI::CallForVersion& version_text) {
    console.print_line(version_text.what());
    return static_cast<int>(ExitCode::ok);
  } catch (const CLI::ParseError& error) {
    report(error, *app_, argc, argv, console);
    return static_cast<int>(ExitCode::usage);
  }
  for (const auto& command : commands_) {
    if (!app_->got_subcommand(std::string(command->info().name))) continue;
    try {
      return static_cast<int>(command->run(console));
    } catch (const std::exception& error) {
      console.error(error.what());
      return static_cast<int>(ExitCode::failed);
    }
  }
  console.note(app_->help());
  return static_cast<int>(ExitCode::usage);
}

void ConfigOption::add(CLI::App& app) {
  app.add_option("-c,--config", given, "Configuration file (default: $XDG_CONFIG_HOME/weir/weir.yaml, where it exists)")
      ->type_name("FILE");
}

std::string ConfigOption::file() const {
  if (!given.empty()) return given;
  if (std::string named = variable_or("WEIR_CONFIG"); !named.empty()) return named;
  const std::filesystem::path path = default_config_file(process_environment());
  std::error_code ignored;
  return std::filesystem::exists(path, ignored) ? path.string() : std::string();
}

void DataOption::add(CLI::App& app) {
  app.add_option("--data", given, "Folder of ledger and keys (default: $XDG_DATA_HOME/weir)")->type_name("DIR");
}

std::string DataOption::folder() const {
  if (!given.empty()) return given;
  if (std::string named = variable_or("WEIR_DATA"); !named.empty()) return named;
  return default_data_folder(process_environment()).string();
}

Catalog catalog_of_today() {
  const auto today = format_date(wall_clock_us());
  return current_edition(DataOption{}.folder(), today).catalog(today);
}

void JsonOption::add(CLI::App& app) { app.add_flag("--json", given, "Print JSON"); }

}  // namespace weir
