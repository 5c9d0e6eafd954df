#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <set>

#include "cli/command.h"
#include "cli/paths.h"
#include "config/describe.h"
#include "config/load.h"
#include "config/privacy_gaps.h"
#include "config/render.h"
#include "core/json.h"
#include "ledger/store.h"
#include "server/bootstrap.h"

namespace weir {
namespace {

// Warns where others on this machine may read (or list) what only its owner should.
void warn_if_open(const std::string& path, std::string_view what, std::string_view mode, std::vector<Problem>& out) {
  struct stat status {};
  constexpr mode_t others = S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH;
  if (path.empty() || stat(path.c_str(), &status) != 0 || (status.st_mode & others) == 0) return;
  out.push_back({.weight = Weight::warning,
                 .file = path,
                 .message = fmt::format("the {} can be read by other users of this machine", what),
                 .mend = fmt::format("chmod {} {}", mode, path)});
}

Keys keys_in(const std::string& folder) {
  auto store = open_store("sqlite", {.folder = folder, .access = StoreAccess::read_only});
  if (!store) return Keys::none;
  const auto keys = (*store)->keys();
  const bool any = keys && std::any_of(keys->begin(), keys->end(), [](const auto& key) { return key.revoked_us == 0; });
  return any ? Keys::some : Keys::none;
}

class CheckCommand final : public Command {
 public:
  [[nodiscard]] CommandInfo info() const override {
    return {
        .name = "check",
        .summary = "Check a configuration without starting anything",
        .details =
            "Everything that is wrong is said at once, each with file, line, column and the mend; warnings also "
            "of what may leave where it should not. Local servers are asked where their models run, unless "
            "--offline.\nExit code 3: it is refused, or with --strict: there are warnings.",
        .examples = {"weir check", "weir check --config weir.yaml --strict", "weir check --schema > weir.schema.json"}};
  }

  void options(CLI::App& app) override {
    config_.add(app);
    data_.add(app);
    json_.add(app);
    app.add_flag("--strict", strict_, "Warnings count as errors");
    app.add_flag("--offline", offline_, "Ask no server");
    app.add_flag("--schema", schema_, "Print the JSON Schema of the configuration, for editors");
  }

  [[nodiscard]] ExitCode run(Console& console) override {
    if (schema_) {
      console.print(config_schema());
      return ExitCode::ok;
    }
    const std::string file = config_.file();
    if (file.empty()) {
      console.error(fmt::format("there is no {}", default_config_file(process_environment()).string()),
                    "name a file with --config; without one `weir serve` uses what it finds on this machine");
      return ExitCode::failed;
    }
    Bootstrap start;
    if (offline_) {
      Loaded loaded = load_config(file, process_surroundings(DataOption{}.folder()));
      if (loaded.usable()) start.snapshot = std::make_shared<Snapshot>(std::move(loaded.snapshot));
      start.problems = std::move(loaded.problems);
      start.text = std::move(loaded.text);
    } else {
      start = bootstrap(file, DataOption{}.folder());
    }
    if (start.snapshot) look_for_gaps(file, start);
    if (json_.given) {
      console.print_line(as_json(file, start));
    } else if (!start.problems.empty()) {
      console.note(render_problems(start.problems, start.text));
    }
    if (!start.snapshot) return ExitCode::config_invalid;
    const Snapshot& snapshot = *start.snapshot;
    if (!json_.given) {
      console.print_line(fmt::format("{}: {} ({} providers, {} models, {} routes)", file,
                                     console.styled(Style::green, "good"), snapshot.providers.size(),
                                     snapshot.models.size(), snapshot.routes.size()));
      console.print(render_choice(snapshot));
      if (const auto note = prices_note(snapshot); !note.empty()) console.print_line(note);
    }
    return strict_ && !start.problems.empty() ? ExitCode::config_invalid : ExitCode::ok;
  }

 private:
  void look_for_gaps(const std::string& file, Bootstrap& start) const {
    const auto folder = data_.folder();
    const auto gaps = privacy_gaps(*start.snapshot, keys_in(folder));
    start.problems.insert(start.problems.end(), gaps.begin(), gaps.end());
    warn_if_open(file, "configuration", "600", start.problems);
    std::set<std::string> keys = {start.snapshot->server.tls_key};
    for (const auto& provider : start.snapshot->providers) keys.insert(provider.client_key);
    for (const auto& key : keys) warn_if_open(key, "private key", "600", start.problems);
    warn_if_open(folder, "data folder", "700", start.problems);
  }

  static void write_choice(json::Writer& out, const Snapshot& snapshot) {
    out.key("providers").begin_array();
    for (const auto& provider : snapshot.providers) {
      const auto several = static_cast<int64_t>(provider.credentials.size());
      out.begin_object().key("id").value(provider.id);
      out.key("keys").value(several > 0 || provider.api_key.empty() ? several : int64_t{1}).end_object();
    }
    out.end_array().key("wildcards").begin_array();
    for (const auto index : snapshot.wildcards) out.value(snapshot.models[index].id);
    out.end_array();
  }

  static std::string as_json(const std::string& file, const Bootstrap& start) {
    std::string text;
    json::Writer out(text);
    out.begin_object().key("file").value(file).key("good").boolean(start.snapshot != nullptr);
    out.key("problems").begin_array();
    for (const Problem& problem : start.problems) {
      out.begin_object().key("weight").value(problem.weight == Weight::error ? "error" : "warning");
      out.key("file").value(problem.file);
      if (problem.line > 0) out.key("line").value(static_cast<int64_t>(problem.line));
      if (problem.line > 0) out.key("column").value(static_cast<int64_t>(problem.column));
      out.key("message").value(problem.message).key("mend").value(problem.mend).end_object();
    }
    out.end_array();
    if (start.snapshot) write_choice(out, *start.snapshot);
    out.end_object();
    return text;
  }

  ConfigOption config_;
  DataOption data_;
  JsonOption json_;
  bool schema_ = false;
  bool strict_ = false;
  bool offline_ = false;
};

}  // namespace

std::unique_ptr<Command> make_check_command() { return std::make_unique<CheckCommand>(); }

}  // namespace weir
