#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "admission/key_hash.h"
#include "cli/command.h"
#include "cli/write_file.h"
#include "core/hex.h"
#include "core/version.h"
#include "ledger/query.h"
#include "pipeline/worker.h"
#include "server/bootstrap.h"
#include "training/training_data.h"

namespace weir {
namespace {

struct FormatName {
  std::string_view name;
  TrainingFormat format;
};
constexpr std::array format_names = {FormatName{"openai", TrainingFormat::openai},
                                     FormatName{"sharegpt", TrainingFormat::sharegpt},
                                     FormatName{"dpo", TrainingFormat::dpo}};

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text.append(line).append("\n");
  return text;
}

class ExportCommand final : public Command {
 public:
  [[nodiscard]] CommandInfo info() const override {
    return {.name = "export",
            .summary = "Write what escalations taught as training data",
            .details =
                "Reads the lessons of routes with `keep_lessons`: questions, answers, what was thought of them. Each "
                "question is written once, and what is nearly the same stays on one side of the split. What a route's "
                "rules keep in is left out, or with --redact replaced by placeholders. Beside the lines stands a "
                "manifest with counts, hashes and settings.",
            .examples = {"weir export --format openai --output training/",
                         "weir export --format dpo --route help --since 30d --redact --output pairs/",
                         "weir export --format sharegpt --output all.jsonl"}};
  }

  void options(CLI::App& app) override {
    config_.add(app);
    data_.add(app);
    app.add_option("--format", format_, "What the lines look like")
        ->check(CLI::IsMember({"openai", "sharegpt", "dpo"}))
        ->capture_default_str();
    app.add_flag("--redact", redact_, "Put placeholders in place of what the guards find");
    app.add_option("--since", since_, "From when: 30d, 24h, or a UTC date")->type_name("WHEN")->capture_default_str();
    app.add_option("--route", route_, "Only lessons of this route")->type_name("ROUTE");
    app.add_option("--valid", valid_, "Share of the lines for validation")
        ->capture_default_str()
        ->check(CLI::Range(0.0, 0.5));
    app.add_option("--output", output_, "A folder, or one file that ends with .jsonl")
        ->type_name("DIR|FILE")
        ->required();
  }

  [[nodiscard]] ExitCode run(Console& console) override {
    const auto since = parse_since(since_, wall_clock_us());
    if (!since) {
      console.error(since.error().message);
      return ExitCode::usage;
    }
    const Bootstrap start = bootstrap(config_.file(), data_.folder());
    if (!start.snapshot) {
      console.note(render_problems(start.problems, start.text));
      return ExitCode::config_invalid;
    }
    const auto file = (std::filesystem::path(data_.folder()) / "lessons.db").string();
    std::vector<KeptLesson> lessons;
    if (std::error_code error; !std::filesystem::exists(file, error)) {
      console.error("no lesson was kept yet", "a route keeps them with `keep_lessons`");
      return ExitCode::data_unavailable;
    }
    auto shelf = LessonShelf::open(file, LessonShelf::Access::read);
    const auto read = shelf ? shelf->each(*since, route_, [&](KeptLesson one) { lessons.push_back(std::move(one)); })
                            : Status(failure(shelf.error()));
    if (!read) {
      console.error(read.error().message);
      return ExitCode::data_unavailable;
    }
    const GuardSet guards(start.snapshot->guards);
    const auto format = std::find_if(format_names.begin(), format_names.end(),
                                     [&](const FormatName& one) { return one.name == format_; });
    const auto data = training_data(std::move(lessons), *start.snapshot, guards,
                                    {.format = format->format, .redact = redact_, .valid_share = valid_});
    return write(console, data);
  }

 private:
  ExitCode write(Console& console, const TrainingData& data) const {
    // Prompts stand in these files: they are their owner's alone.
    const auto before = umask(S_IRWXG | S_IRWXO);
    Status written = write_all(data);
    umask(before);
    if (!written) {
      console.error(written.error().message);
      return ExitCode::failed;
    }
    const auto& out = data.left_out;
    console.print_line(fmt::format("{} lessons: {} lines to train, {} to validate", data.lessons, data.train.size(),
                                   data.valid.size()));
    console.print_line(fmt::format(
        "left out: {} thought badly of, {} without a pair, {} that may not leave, {} the same, {} nearly the same",
        out.bad, out.no_pair, out.forbidden, out.exact, out.near));
    if (out.forbidden > 0 && !redact_)
      console.print_line("With --redact, values become placeholders, and more may leave.");
    return ExitCode::ok;
  }

  Status write_all(const TrainingData& data) const {
    std::vector<std::pair<std::string, std::string>> files;  // path, text
    std::string manifest;
    if (output_.ends_with(".jsonl")) {
      auto all = data.train;
      all.insert(all.end(), data.valid.begin(), data.valid.end());
      files.emplace_back(output_, joined(all));
      manifest = output_ + ".manifest.json";
    } else {
      std::error_code error;
      std::filesystem::create_directories(output_, error);
      if (error) return failure(ErrorCode::internal, fmt::format("{} cannot be made: {}", output_, error.message()));
      const std::filesystem::path folder(output_);
      files.emplace_back((folder / "train.jsonl").string(), joined(data.train));
      files.emplace_back((folder / "valid.jsonl").string(), joined(data.valid));
      manifest = (folder / "manifest.json").string();
    }
    for (const auto& [path, text] : files) {
      if (auto done = write_file(path, text); !done) return done;
    }
    return write_file(manifest, manifest_text(data, files));
  }

  [[nodiscard]] std::string manifest_text(const TrainingData& data,
                                          const std::vector<std::pair<std::string, std::string>>& files) const {
    KeyHasher hasher;
    std::string text;
    json::Writer out(text);
    out.begin_object();
    out.key("made_by").value(fmt::format("weir {}", version()));
    out.key("made_at").value(format_time(wall_clock_us()));
    out.key("format").value(format_);
    out.key("files").begin_array();
    for (const auto& [path, content] : files) {
      out.begin_object();
      out.key("name").value(std::filesystem::path(path).filename().string());
      out.key("lines").value(static_cast<int64_t>(std::count(content.begin(), content.end(), '\n')));
      out.key("sha256").value(to_hex(hasher.hash(content)));
      out.end_object();
    }
    out.end_array();
    out.key("lessons").value(data.lessons);
    out.key("train").value(static_cast<int64_t>(data.train.size()));
    out.key("valid").value(static_cast<int64_t>(data.valid.size()));
    out.key("left_out").begin_object();
    out.key("thought_badly_of").value(data.left_out.bad).key("without_a_pair").value(data.left_out.no_pair);
    out.key("may_not_leave").value(data.left_out.forbidden);
    out.key("the_same").value(data.left_out.exact).key("nearly_the_same").value(data.left_out.near);
    out.end_object();
    out.key("redacted_lines").value(data.redacted);
    out.key("time_range").begin_object();
    out.key("first").value(data.first_us > 0 ? format_time(data.first_us) : "");
    out.key("last").value(data.last_us > 0 ? format_time(data.last_us) : "");
    out.end_object();
    write_counts(out, "classes", data.classes);
    write_counts(out, "routes", data.routes);
    out.key("settings").begin_object();
    out.key("redact").boolean(redact_).key("since").value(since_).key("route").value(route_);
    out.key("valid_share").value(valid_);
    out.end_object().end_object();
    text += '\n';
    return text;
  }

  static void write_counts(json::Writer& out, std::string_view name, const std::map<std::string, int64_t>& counts) {
    out.key(name).begin_object();
    for (const auto& [key, count] : counts) out.key(key).value(count);
    out.end_object();
  }

  ConfigOption config_;
  DataOption data_;
  std::string format_ = "openai";
  bool redact_ = false;
  std::string since_ = "90d";
  std::string route_;
  double valid_ = 0.1;
  std::string output_;
};

}  // namespace

std::unique_ptr<Command> make_export_command() { return std::make_unique<ExportCommand>(); }

}  // namespace weir
