#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "policies/policy.h"
#include "report/text_table.h"
#include "server/bootstrap.h"
#include "server/sandbox_server.h"
#include "server/server.h"
#include "stores/data_folder.h"

namespace weir {
namespace {

class ServeCommand final : public Command {
 public:
  [[nodiscard]] CommandInfo info() const override {
    return {
        .name = "serve",
        .summary = "Serve the gateway",
        .details =
            "Without a configuration it looks for local model servers on their usual ports and for API keys in the "
            "usual variables, and makes two routes: `auto` (local first, then cloud; private data stays local) and "
            "`private` (local only). With nothing found it starts sandbox models inside the process.\n"
            "SIGHUP or a change of the file reloads the configuration; SIGTERM drains and stops.",
        .examples = {"weir serve", "weir serve --config weir.yaml", "weir serve --listen 127.0.0.1:8088 --data ./data",
                     "weir serve --listen unix:/run/weir.sock"}};
  }

  void options(CLI::App& app) override {
    config_.add(app);
    data_.add(app);
    app.add_option("--listen", listen_,
                   "Address to listen on instead of the configuration's; may be given more than once")
        ->type_name("HOST:PORT");
    app.add_option("--threads", threads_, "Event loops (default: one per core)")
        ->type_name("N")
        ->check(CLI::Range(1, 256));
    app.add_option("--log-level", log_level_, "trace, debug (a line per request), info, warn, error or off")
        ->type_name("LEVEL");
  }

  [[nodiscard]] ExitCode run(Console& console) override {
    const auto file = config_.file();
    const auto signature = file_signature(file);
    auto start = bootstrap(file, data_.folder());
    if (!start.problems.empty()) console.note(render_problems(start.problems, start.text));
    if (!start.snapshot) return ExitCode::config_invalid;
    adjust(*start.snapshot);
    const auto lock = DataFolderLock::take(data_.folder());
    if (!lock) {
      console.error(lock.error().message);
      return ExitCode::data_unavailable;
    }

    LogLevel level{};
    LogFormat format{};
    if (!parse_log_level(start.snapshot->server.log_level, level)) {
      console.error("unknown log level " + start.snapshot->server.log_level,
                    "use trace, debug, info, warn, error or off");
      return ExitCode::usage;
    }
    if (!parse_log_format(start.snapshot->server.log_format, format)) format = LogFormat::text;

    SandboxServer sandbox;
    if (auto started = place_sandbox(*start.snapshot, sandbox); !started) {
      console.error(started.error().message);
      return ExitCode::failed;
    }
    show_found(console, start, file);
    show_sandbox(console, *start.snapshot, file);

    Server server(
        {.snapshot = start.snapshot,
         .reload = file.empty() ? std::function<Result<std::shared_ptr<Snapshot>>()>()
                                : [&, file] { return load_again(file, sandbox); },
         .config_file = file,
         .config_signature = signature,
         .data_folder = data_.folder(),
         .log = Logger::to_stderr(format, level),
         .on_listening = [&](const std::vector<std::string>& addresses) { show_listening(console, addresses); }});
    if (auto served = server.run(); !served) {
      console.error(served.error().message);
      return ExitCode::failed;
    }
    return ExitCode::ok;
  }

 private:
  // The command line wins over the file, also after a reload.
  void adjust(Snapshot& snapshot) const {
    if (!listen_.empty()) snapshot.server.listen = listen_;
    if (snapshot.server.listen.empty()) snapshot.server.listen = {std::string(default_listen)};
    if (threads_ > 0) snapshot.server.threads = threads_;
    if (!log_level_.empty()) snapshot.server.log_level = log_level_;
  }

  // Sandbox providers are served by this process: they get its real port.
  static Status place_sandbox(Snapshot& snapshot, SandboxServer& sandbox) {
    for (auto& provider : snapshot.providers) {
      if (provider.adapter != "sandbox" || provider.url.port != sandbox_placeholder_port) continue;
      auto port = sandbox.start();
      if (!port) return failure(port.error());
      provider.url.port = *port;
    }
    return {};
  }

  Result<std::shared_ptr<Snapshot>> load_again(const std::string& file, SandboxServer& sandbox) const {
    auto start = bootstrap(file, data_.folder());
    if (!start.snapshot) return failure(ErrorCode::invalid_request, render_problems(start.problems));
    adjust(*start.snapshot);
    if (auto placed = place_sandbox(*start.snapshot, sandbox); !placed) return failure(placed.error());
    return start.snapshot;
  }

  static void show_found(Console& console, const Bootstrap& start, const std::string& file) {
    if (!file.empty()) console.print_line(fmt::format("Configuration: {}", file));
    if (!start.asked.empty()) {
      const std::array columns = {report::Column{"Found"}, report::Column{"Where"}, report::Column{"Zone"},
                                  report::Column{"Models", report::Align::right}, report::Column{""}};
      std::vector<std::vector<std::string>> rows;
      for (const auto& one : start.asked) {
        rows.push_back({one.title, one.where, to_string(one.zone), std::to_string(one.models), one.trouble});
      }
      console.print(report::text_table(columns, rows, console.columns()));
      console.print("\n");
    }
    const auto& snapshot = *start.snapshot;
    if (!snapshot.routes.empty()) {
      const std::array columns = {report::Column{"Route"}, report::Column{"Candidates"}, report::Column{"Baseline"}};
      std::vector<std::vector<std::string>> rows;
      for (const auto& route : snapshot.routes) {
        rows.push_back(
            {route.name, candidates_of(route, snapshot), route.baseline ? snapshot.models[*route.baseline].id : "-"});
      }
      console.print(report::text_table(columns, rows, console.columns()));
      console.print("\n");
    }
    if (file.empty()) {
      console.print_line(
          "Route auto lets images and audio pass unread: no guard can look into them. Send them to private, or write a "
          "configuration without accept_unreadable, where they must stay.");
      console.print("\n");
    }
  }

  static void show_sandbox(Console& console, const Snapshot& snapshot, const std::string& file) {
    const auto stand_in = std::find_if(snapshot.providers.begin(), snapshot.providers.end(),
                                       [](const ProviderSettings& provider) { return provider.adapter == "sandbox"; });
    if (!snapshot.sandbox || stand_in == snapshot.providers.end()) return;
    console.print_line(console.styled(
        Style::yellow, "SANDBOX: answers come from scripted stand-ins inside this process, not from a model."));
    console.print_line(
        fmt::format("They listen on {}, on loopback alone, for Weir itself to ask as it asks any server.",
                    to_string(stand_in->url)));
    if (file.empty()) {
      console.print_line(
          "No local model server answered on its usual port and no API key is set. Start Ollama, LM Studio, vLLM, "
          "llama-server or TGI, or set OPENAI_API_KEY (or another), and start Weir again.");
    }
    console.print("\n");
  }

  static std::string candidates_of(const RouteSettings& route, const Snapshot& snapshot) {
    std::vector<std::string> names;
    for (const auto index : reachable_models(route, snapshot)) {
      const auto& model = snapshot.models[index];
      names.push_back(fmt::format("{} ({})", model.id, to_string(zone_of(model, snapshot))));
    }
    return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
  }

  static void show_listening(Console& console, const std::vector<std::string>& addresses) {
    for (const auto& address : addresses)
      console.print_line(fmt::format("Listening on {}", console.styled(Style::green, address)));
    if (!addresses.empty() && addresses.front().starts_with("http")) {
      console.print_line(fmt::format("Point any OpenAI SDK at it: base_url = {}/v1", addresses.front()));
    }
    std::fflush(stdout);
  }

  ConfigOption config_;
  DataOption data_;
  std::vector<std::string> listen_;
  int64_t threads_ = 0;
  std::string log_level_;
};

}  // namespace

std::unique_ptr<Command> make_serve_command() { return std::make_unique<ServeCommand>(); }

}  // namespace weir
