#include <CLI/CLI.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "cli/command.h"
#include "cli/write_file.h"
#include "core/stable_hash.h"
#include "formats/format.h"
#include "judges/judge.h"
#include "judges/similarity.h"
#include "judges/weights.h"
#include "lessons/lesson_shelf.h"
#include "training/near_duplicates.h"

namespace weir {
namespace {

constexpr uint64_t kept_aside = 5;  // every fifth lesson, by its request's id, is not learned from
constexpr int64_t least_rows = 20;
constexpr double the_same = 0.6;  // two answers that say about the same

std::string text_of(std::string_view message) {
  json::Document document;
  json::Object object;
  if (!document.parse(std::string(message)) || document.root().get(object) != simdjson::SUCCESS) return {};
  return std::string(json::string_or(object, "content"));
}

// What feedback says of the first answer: directly where it was given, and where a better one was given that was
// thought well of, by how much the two have in common.
std::optional<double> worth_of(const KeptLesson& kept) {
  if (kept.feedback < 0) return std::nullopt;
  if (kept.lesson.better_model.empty()) return kept.feedback;
  if (kept.feedback < 0.5) return std::nullopt;
  return similarity(text_of(kept.lesson.first_answer), text_of(kept.lesson.better_answer)) >= the_same ? 1 : 0;
}

class JudgeCommand final : public Command {
 public:
  [[nodiscard]] CommandInfo info() const override {
    return {.name = "judge",
            .summary = "Score answers as the judges of a cascade do, or learn from feedback",
            .details =
                "Reads JSON objects, one a line: {\"request\": a chat request in OpenAI's form, \"answer\": a text, or "
                "a whole answer in OpenAI's form}, and prints what each judge that needs nobody else says of it. With "
                "--learn it fits the judge `learned` to the feedback on kept lessons, says how well it tells good "
                "from bad on lessons that were kept aside, and writes it to the data folder.",
            .examples = {"weir judge answers.jsonl", "weir judge --json < answers.jsonl", "weir judge --learn"}};
  }

  void options(CLI::App& app) override {
    data_.add(app);
    json_.add(app);
    app.add_option("FILE", file_, "Where to read from; - is standard input")->capture_default_str();
    app.add_flag("--learn", learn_, "Learn from the feedback on lessons");
    app.add_option("--route", route_, "With --learn: only lessons of this route")->type_name("ROUTE");
    app.add_flag("--dry-run", dry_run_, "With --learn: say how good it is, and write nothing");
  }

  [[nodiscard]] ExitCode run(Console& console) override {
    read_learned();
    if (learn_) return learn(console);
    std::ifstream opened;
    std::istream* in = &std::cin;
    if (file_ != "-") {
      opened.open(file_, std::ios::binary);
      in = &opened;
    }
    std::string line;
    int64_t number = 0;
    for (; std::getline(*in, line); ++number) {
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      if (const auto fault = judge_line(console, line); !fault.empty()) {
        console.error(fmt::format("line {}: {}", number + 1, fault));
        return ExitCode::usage;
      }
    }
    if (number == 0 && !in->eof()) {
      console.error(fmt::format("cannot read {}", file_));
      return ExitCode::usage;
    }
    return ExitCode::ok;
  }

 private:
  [[nodiscard]] std::string weights_file() const {
    return (std::filesystem::path(data_.folder()) / "judge.json").string();
  }

  void read_learned() {
    std::ifstream in(weights_file(), std::ios::binary);
    if (!in) return;
    if (auto read = read_weights({std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()}))
      weights_ = *read;
  }

  std::string judge_line(Console& console, const std::string& line) const {
    json::Document document;
    if (auto parsed = document.parse(line); !parsed) return parsed.error().message;
    json::Element asked;
    json::Element answered;
    json::Object object;
    if (document.root().get(object) != simdjson::SUCCESS || object["request"].get(asked) != simdjson::SUCCESS ||
        object["answer"].get(answered) != simdjson::SUCCESS) {
      return "an object with `request` and `answer` is wanted";
    }
    json::DocumentPool pool;
    std::string body;
    json::Writer(body).value(asked);
    auto request = client_face("openai").read({.body = std::move(body)}, pool);
    if (!request) return request.error().message;
    auto response = answer_of(answered, *request, pool);
    if (!response) return response.error().message;
    show(console, *request, *response);
    return {};
  }

  static Result<Response> answer_of(const json::Element& answered, const Request& request, json::DocumentPool& pool) {
    std::string_view text;
    if (answered.get(text) == simdjson::SUCCESS) {
      Response response;
      auto& choice = response.choices.emplace_back();
      if (!text.empty()) choice.add_text(Part::Kind::text, text);
      choice.finish = FinishReason::stop;
      return response;
    }
    std::string body;
    json::Writer(body).value(answered);
    return model_face("openai").read(request, std::move(body), pool);
  }

  void show(Console& console, const Request& request, const Response& response) const {
    std::string text;
    json::Writer out(text);
    out.begin_object();
    for (const auto& info : judge_infos()) {
      if (info.wants_samples || info.asks_model) continue;
      const auto judgement =
          find_judge(info.name)->judge(request, {.response = response, .weights = weights_ ? &*weights_ : nullptr});
      if (!judgement) continue;
      if (json_.given) {
        out.key(info.name).begin_object().key("score");
        judgement->knows() ? out.value(judgement->score) : out.null();
        if (!judgement->fault.empty()) out.key("found").value(judgement->fault);
        out.end_object();
      } else {
        const auto score = judgement->knows() ? fmt::format("{:.2f}", judgement->score) : std::string("-");
        console.print_line(fmt::format("{:<12} {:>5}  {}", info.name, score, judgement->fault));
      }
    }
    out.end_object();
    if (json_.given) console.print_line(text);
  }

  ExitCode learn(Console& console) const {
    const auto file = (std::filesystem::path(data_.folder()) / "lessons.db").string();
    if (std::error_code error; !std::filesystem::exists(file, error)) {
      console.error("no lesson was kept yet", "a route keeps them with `keep_lessons: {good: true}`");
      return ExitCode::data_unavailable;
    }
    std::vector<JudgedRow> train;
    std::vector<JudgedRow> test;
    auto shelf = LessonShelf::open(file, LessonShelf::Access::read);
    const auto read =
        shelf ? shelf->each(0, route_,
                            [&](const KeptLesson& kept) {
                              const auto worth = worth_of(kept);
                              if (!worth) return;
                              const bool aside = stable_hash(kept.lesson.request_id) % kept_aside == 0;
                              (aside ? test : train).push_back({.features = kept.lesson.features, .good = *worth});
                            })
              : Status(failure(shelf.error()));
    if (!read) {
      console.error(read.error().message);
      return ExitCode::data_unavailable;
    }
    const auto rows = static_cast<int64_t>(train.size() + test.size());
    if (rows < least_rows) {
      console.error(fmt::format("{} answers with feedback are too few to learn from", rows),
                    fmt::format("{} at least: POST /v1/feedback", least_rows));
      return ExitCode::refused;
    }
    const auto fitted = fit(train);
    // The judge that knows no feedback is what there was before.
    JudgeWeights before;
    before.weights[3] = 1;  // `structural`
    report(console, train, test, before, fitted);
    if (dry_run_) return ExitCode::ok;
    if (auto written = write_file(weights_file(), to_json(fitted)); !written) {
      console.error(written.error().message);
      return ExitCode::failed;
    }
    return ExitCode::ok;
  }

  void report(Console& console, const std::vector<JudgedRow>& train, const std::vector<JudgedRow>& test,
              const JudgeWeights& before, const JudgeWeights& fitted) const {
    const auto shown = [](double area) { return std::isnan(area) ? std::string("-") : fmt::format("{:.3f}", area); };
    const auto structural = area_under_curve(before, test);
    const auto earlier = weights_ ? area_under_curve(*weights_, test) : NAN;
    const auto now = area_under_curve(fitted, test);
    if (json_.given) {
      std::string text;
      json::Writer out(text);
      out.begin_object();
      out.key("train").value(static_cast<int64_t>(train.size())).key("test").value(static_cast<int64_t>(test.size()));
      out.key("auc_structural").value(structural).key("auc_before").value(earlier).key("auc_learned").value(now);
      out.end_object();
      console.print_line(text);
      return;
    }
    console.print_line(fmt::format("learned from {} answers, tried on {} others", train.size(), test.size()));
    console.print_line("tells good from bad (1 always, 0.5 by chance):");
    console.print_line(fmt::format("  structural      {}", shown(structural)));
    console.print_line(fmt::format("  learned before  {}", shown(earlier)));
    console.print_line(fmt::format("  learned now     {}", shown(now)));
  }

  DataOption data_;
  JsonOption json_;
  std::string file_ = "-";
  bool learn_ = false;
  bool dry_run_ = false;
  std::string route_;
  std::optional<JudgeWeights> weights_;
};

}  // namespace

std::unique_ptr<Command> make_judge_command() { return std::make_unique<JudgeCommand>(); }

}  // namespace weir
