#include <unistd.h>

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>
#include <filesystem>

#include "cli/counts.h"
#include "cli/load_level.h"
#include "cli/plan.h"
#include "cli/stop.h"
#include "cli/write_file.h"
#include "config/load.h"
#include "config/proxy_choice.h"
#include "config/values.h"
#include "core/nearest.h"
#include "economics/models/hardware.h"
#include "economics/sizing/size_text.h"
#include "ledger/query.h"
#include "pipeline/worker.h"
#include "upstream/discovery.h"

namespace weir {
namespace {

constexpr int64_t most_concurrency = 1024;
constexpr int64_t most_levels = 16;
constexpr int64_t most_requests = 100'000;
constexpr int64_t most_seconds = 3600;
constexpr int64_t most_tokens = 1'000'000;
constexpr int64_t requests_each = 4;  // of each stream, unless told
constexpr int64_t fewest_requests = 8;
constexpr int64_t discovery_ms = 10'000;

// A line on the terminal that is written over until the level is done; nothing where stderr is no terminal.
class ProgressLine {
 public:
  void show(std::string_view text) const {
    if (terminal_) static_cast<void>(std::fprintf(stderr, "\r\x1b[K%.*s", static_cast<int>(text.size()), text.data()));
  }
  void clear() const {
    if (terminal_) static_cast<void>(std::fputs("\r\x1b[K", stderr));
  }

 private:
  bool terminal_ = ::isatty(STDERR_FILENO) == 1;
};

class BenchModelCommand final : public Command {
 public:
  [[nodiscard]] CommandInfo info() const override {
    return {.name = "bench-model",
            .summary = "Measure a running model server: tokens/s, first token and latency as load rises",
            .details =
                "Sends streaming chat requests to an OpenAI-compatible server (llama-server, vLLM, Ollama, LM Studio "
                "…), level by "
                "level, and stores the result in the data folder, where `weir plan size MODEL --gpu ID --measured "
                "last` finds it. "
                "Every level ends after --requests answers or --seconds, whichever is first. Output tokens are the "
                "server's own count; "
                "where it gives none, chunks are counted, and marked as estimated.",
            .examples = {"weir bench-model --url http://127.0.0.1:8080",
                         "weir bench-model --url http://gpu1:8000 --model llama-3-8b --concurrency 1,8,64 --gpu l40s",
                         "weir bench-model --url http://127.0.0.1:11434 --model llama3.2 --prompt-tokens 1000 "
                         "--output-tokens 200 --json"}};
  }

  void options(CLI::App& app) override {
    app.add_option("--url", url_, "The server, without the path of its API")->type_name("URL")->required();
    app.add_option("--model", model_, "A model of the server; needed where it has several")->type_name("NAME");
    app.add_option("--concurrency", concurrency_, "Requests in flight, level by level")
        ->type_name("N,N…")
        ->capture_default_str();
    app.add_option("--prompt-tokens", prompt_, "Length of each prompt, about")
        ->transform(counts())
        ->type_name("N")
        ->capture_default_str();
    app.add_option("--output-tokens", answer_, "Length of each answer")
        ->transform(counts())
        ->type_name("N")
        ->capture_default_str();
    app.add_option("--requests", requests_, "Answers of a level (default: 4 of each stream, at least 8)")
        ->transform(counts())
        ->type_name("N");
    app.add_option("--seconds", seconds_, "Time after which a level begins no more requests")
        ->type_name("N")
        ->capture_default_str();
    app.add_option("--gpu", gpu_, "The card it runs on, as in catalog/gpus.tsv: stored with the result")
        ->type_name("ID");
    app.add_option("--key-variable", key_variable_, "Environment variable with the API key, where one is needed")
        ->type_name("NAME");
    app.add_flag("--allow-cloud", allow_cloud_,
                 "Load a server that is not one's own, too: its owner may bill every token");
    data_.add(app);
    output_.add(app);
  }

  [[nodiscard]] ExitCode run(Console& console) override {
    const auto done = measure(console);
    if (done) return *done;
    console.error(done.error().message, done.error().hint);
    return done.error().code;
  }

 private:
  OrStop<ExitCode> measure(Console& console) {
    if (const auto read = read_options(); !read) return tl::unexpected(read.error());
    if (const auto found = choose_model(); !found) return tl::unexpected(found.error());
    plan::Measurement measurement{.model = settings_.model,
                                  .url = to_string(server_.url),
                                  .at = format_time(wall_clock_us()),
                                  .gpu = gpu_,
                                  .prompt_tokens = prompt_tokens_,
                                  .output_tokens = settings_.output_tokens};
    if (const auto warm = warm_up(); !warm) return tl::unexpected(warm.error());
    for (const auto concurrency : levels_) {
      const auto level = run_level(concurrency, console);
      if (!level) return tl::unexpected(level.error());
      measurement.levels.push_back(*level);
    }
    const auto stored = store(measurement);
    if (!stored) return tl::unexpected(stored.error());
    const auto shown = output_.show(report_of(measurement), plan::to_json(measurement), console);
    console.note(fmt::format("stored in {}", *stored));
    return shown;
  }

  OrStop<int> read_options() {
    if (!parse_url(url_, server_.url) || server_.url.host.empty()) {
      return stop(ExitCode::usage, fmt::format("--url: `{}` is no http:// or https:// URL", url_),
                  "as in --url http://127.0.0.1:8080");
    }
    if (!is_private_address(server_.url) && !allow_cloud_) {
      return stop(
          ExitCode::refused,
          fmt::format("--url: {} is no machine of one's own, and its owner may bill every token", server_.url.host),
          "add --allow-cloud if this is meant");
    }
    if (!is_private_address(server_.url)) {
      auto proxy = environment_proxy(server_.url, process_environment());
      if (!proxy) return stop(ExitCode::usage, proxy.error().message);
      server_.proxy = std::move(*proxy);
    }
    server_.id = "the server";
    server_.adapter = "openai";
    if (!key_variable_.empty()) {
      const auto key = process_environment()(key_variable_);
      if (!key || key->empty())
        return stop(ExitCode::usage, fmt::format("--key-variable: {} is not set", key_variable_));
      server_.api_key = *key;
    }
    settings_.extras = is_private_address(server_.url) ? Extras::local : Extras::none;
    if (!gpu_.empty()) {
      const auto gpu = plan::gpu_named(gpu_);
      if (!gpu) return stop(ExitCode::refused, "--gpu: " + gpu.error().message);
      gpu_ = gpu->id;
    }
    return read_numbers();
  }

  OrStop<int> read_numbers() {
    const struct {
      std::string_view option;
      const std::string& text;
      int64_t most;
      int64_t& into;
    } numbers[] = {{"--prompt-tokens", prompt_, most_tokens, prompt_tokens_},
                   {"--output-tokens", answer_, most_tokens, settings_.output_tokens},
                   {"--requests", requests_, most_requests, requests_wanted_},
                   {"--seconds", seconds_, most_seconds, settings_.seconds}};
    for (const auto& number : numbers) {
      if (number.text.empty()) continue;
      const auto value = parse_integer(number.text);
      if (!value || *value < 1 || *value > number.most) {
        return stop(ExitCode::usage, fmt::format("{}: `{}` is no whole number from 1 to {}", number.option, number.text,
                                                 plan::count_text(number.most)));
      }
      number.into = *value;
    }
    std::string_view rest = concurrency_;
    while (true) {
      const auto end = rest.find(',');
      const auto value = parse_integer(rest.substr(0, end));
      if (!value || *value < 1 || *value > most_concurrency) {
        return stop(ExitCode::usage,
                    fmt::format("--concurrency: `{}` is no whole number from 1 to {}", rest.substr(0, end),
                                plan::count_text(most_concurrency)),
                    "as in --concurrency 1,4,16");
      }
      levels_.push_back(*value);
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
    std::sort(levels_.begin(), levels_.end());
    levels_.erase(std::unique(levels_.begin(), levels_.end()), levels_.end());
    if (static_cast<int64_t>(levels_.size()) > most_levels)
      return stop(ExitCode::usage, fmt::format("--concurrency: more than {} levels", most_levels));
    return 0;
  }

  // The model asked for, which the server must have; else the only one that it has.
  OrStop<int> choose_model() {
    const auto answers = discover_models(std::span(&server_, 1), discovery_ms);
    const auto& answer = answers.front();
    if (!answer) {
      const bool silent = answer.error().code == ErrorCode::upstream_unreachable;
      if (silent)
        return stop(ExitCode::failed, answer.error().message, "start the server first, or name its URL with --url");
      if (model_.empty()) return stop(ExitCode::failed, answer.error().message, "name the model with --model");
      settings_.model = model_;  // no list of models: asking will show
      return 0;
    }
    std::vector<std::string_view> names;
    for (const auto& model : answer->models) {
      if (!is_embedding_name(model.name)) names.emplace_back(model.name);
    }
    std::string listed;
    for (const auto name : names) listed += fmt::format("{}{}", listed.empty() ? "" : ", ", name);
    if (model_.empty()) {
      if (names.size() == 1) {
        settings_.model = names.front();
        return 0;
      }
      return stop(
          ExitCode::usage,
          names.empty() ? "the server has no models that chat" : "the server has several models: name one with --model",
          names.empty() ? "load one first" : "it has " + listed);
    }
    settings_.model = model_;
    // Ollama lists `name:latest`, and takes `name`.
    if (names.empty() || std::find(names.begin(), names.end(), model_) != names.end() ||
        std::find(names.begin(), names.end(), model_ + ":latest") != names.end())
      return 0;
    const auto near = nearest(model_, names);
    return stop(ExitCode::refused,
                fmt::format("the server has no model `{}`{}", model_,
                            near.empty() ? "" : fmt::format("; did you mean `{}`?", near)),
                "it has " + listed);
  }

  // One short answer, not counted: it shows whether asking works at all, and how many tokens the server makes of a
  // word.
  OrStop<int> warm_up() {
    settings_.prompt_words = prompt_tokens_;
    auto settings = settings_;
    settings.output_tokens = std::min<int64_t>(settings.output_tokens, 8);
    settings.first_number = 1'000'000;
    const auto run = run_load(server_, settings, [](int64_t, int64_t) {});
    if (run.error) return failed(*run.error);
    const auto counted = run.samples.empty() ? 0 : run.samples.front().input_tokens;
    if (counted > 0) settings_.prompt_words = std::max<int64_t>(1, prompt_tokens_ * prompt_tokens_ / counted);
    return 0;
  }

  static tl::unexpected<Stop> failed(const Error& error) {
    const bool no_model = error.code == ErrorCode::upstream_no_model;
    return stop(no_model ? ExitCode::refused : ExitCode::failed, error.message,
                no_model ? "see what it has: curl URL/v1/models" : "");
  }

  OrStop<plan::MeasuredLevel> run_level(int64_t concurrency, Console& console) {
    auto settings = settings_;
    settings.concurrency = concurrency;
    settings.requests =
        requests_wanted_ > 0 ? requests_wanted_ : std::max(requests_each * concurrency, fewest_requests);
    settings.first_number = next_number_;
    next_number_ += settings.requests;
    const ProgressLine line;
    const auto run = run_load(server_, settings, [&](int64_t answered, int64_t tokens) {
      line.show(
          fmt::format("{} at a time: {} of {} answers, {} tokens", concurrency, answered, settings.requests, tokens));
    });
    line.clear();
    const auto level = plan::summarise(concurrency, run.samples);
    if (level.requests == 0)
      return failed(run.error.value_or(
          Error{.message = fmt::format("no answer in {} s at concurrency {}", settings.seconds, concurrency)}));
    if (level.failed > 0)
      console.note(fmt::format("{} of {} requests failed at concurrency {}: {}", level.failed,
                               level.failed + level.requests, concurrency, run.error ? run.error->message : ""));
    return level;
  }

  OrStop<std::string> store(const plan::Measurement& measurement) const {
    const auto folder = std::filesystem::path(data_.folder()) / "measurements";
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
      return stop(ExitCode::data_unavailable, fmt::format("{} cannot be made: {}", folder.string(), error.message()),
                  "name another data folder with --data");
    const auto file = (folder / plan::measurement_file(measurement.model)).string();
    if (const auto written = write_file(file, plan::to_json(measurement) + "\n"); !written)
      return stop(ExitCode::data_unavailable, written.error().message);
    return file;
  }

  static plan::Report report_of(const plan::Measurement& measurement) {
    const auto right = [](std::string title) {
      return plan::Column{.title = std::move(title), .align = plan::Align::right};
    };
    plan::Table table{.columns = {right("At a time"), right("Answers"), right("tok/s"), right("each"),
                                  right("First p50"), right("p95"), right("Answer p50"), right("p95")}};
    plan::Chart chart{.title = "Output tokens per second",
                      .kind = plan::ChartKind::line,
                      .x_label = "requests at a time",
                      .y_label = "tokens per second",
                      .y_unit = plan::Unit::count};
    plan::Series series{.name = "all together"};
    bool estimated = false;
    for (const auto& level : measurement.levels) {
      const auto seconds = [](double ms) { return plan::seconds_text(ms / 1000); };
      table.rows.push_back({plan::count_text(level.concurrency), plan::count_text(level.requests),
                            plan::rate_text(level.tokens_per_s) + (level.estimated ? " ~" : ""),
                            plan::rate_text(level.stream_tokens_per_s), seconds(level.ttft_p50_ms),
                            seconds(level.ttft_p95_ms), seconds(level.latency_p50_ms), seconds(level.latency_p95_ms)});
      series.points.push_back({.x = static_cast<double>(level.concurrency), .y = level.tokens_per_s});
      estimated = estimated || level.estimated;
    }
    chart.series.push_back(std::move(series));
    plan::Notes notes;
    if (estimated)
      notes.items.emplace_back("~ estimated: the server counts no tokens, so each chunk of its stream counts as one.");
    notes.items.push_back(
        fmt::format("tok/s: output tokens of all streams; each: of one stream after its first token, the median. {} "
                    "prompt and {} output tokens asked for.",
                    measurement.prompt_tokens, measurement.output_tokens));
    return {.title = measurement.model,
            .subtitle = fmt::format("{}, {}", measurement.url, measurement.at),
            .sections = {{.blocks = {std::move(table), std::move(chart), std::move(notes)}}}};
  }

  std::string url_;
  std::string model_;
  std::string concurrency_ = "1,2,4,8,16";
  std::string prompt_ = "256";
  std::string answer_ = "128";
  std::string requests_;
  std::string seconds_ = "60";
  std::string gpu_;
  std::string key_variable_;
  bool allow_cloud_ = false;
  DataOption data_;
  OutputOptions output_;

  ProviderSettings server_;
  LoadSettings settings_;
  int64_t prompt_tokens_ = 0;
  std::vector<int64_t> levels_;
  int64_t requests_wanted_ = 0;
  int64_t next_number_ = 0;
};

}  // namespace

std::unique_ptr<Command> make_bench_model_command() { return std::make_unique<BenchModelCommand>(); }

}  // namespace weir
