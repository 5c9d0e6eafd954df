#include <unistd.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <set>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/trial_data.h"
#include "config/render.h"
#include "core/json.h"
#include "core/wildcard.h"
#include "formats/format.h"
#include "guards/guard.h"
#include "ledger/store.h"
#include "pipeline/estimates.h"
#include "pipeline/pipeline.h"
#include "policies/hedging.h"
#include "policies/objective.h"
#include "policies/policy.h"
#include "redaction/redactor.h"
#include "server/bootstrap.h"

namespace weir {
namespace {

std::string read_all(std::istream& in) {
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// What the guards saw, without a word of the text: `email, payment_card`.
std::string findings_line(const ContentsReading& reading) {
  std::set<std::string_view> names;
  for (const Located& one : reading.located()) names.insert(one.what);
  return names.empty() ? "nothing" : fmt::format("{}", fmt::join(names, ", "));
}

class ExplainCommand final : public Command {
 public:
  [[nodiscard]] CommandInfo info() const override {
    return {
        .name = "explain",
        .summary = "Show where a request would go, and why",
        .details =
            "Reads a request as a client would send it, and prints the plan: every candidate, kept or dropped, and by "
            "which rule. It is decided by the code that serves; the health and the queues of a running server are "
            "not asked, so all models count as available. Nothing is sent anywhere.\n"
            "Exit code 4: nothing may or can serve the request.",
        .examples = {R"(echo '{"model":"auto","messages":[{"role":"user","content":"hi"}]}' | weir explain)",
                     "weir explain --file request.json --tags batch --sensitive health",
                     "weir explain --file request.json --caller app --json"}};
  }

  void options(CLI::App& app) override {
    config_.add(app);
    data_.add(app);
    json_.add(app);
    app.add_option("-f,--file", file_, "The request (default: standard input)")->type_name("FILE");
    app.add_option("--operation", operation_, "What kind of request it is")
        ->check(CLI::IsMember({"chat", "completion", "embedding"}))
        ->capture_default_str();
    app.add_option("--caller", caller_, "Name of the key it would come with")->type_name("NAME");
    app.add_option("--tags", tags_, "As in the header x-weir-tags")->type_name("LIST");
    app.add_option("--sensitive", sensitive_, "Classes as in the header x-weir-sensitive")->type_name("LIST");
  }

  [[nodiscard]] ExitCode run(Console& console) override {
    const Bootstrap start = bootstrap(config_.file(), DataOption{}.folder());
    if (!start.problems.empty()) console.note(render_problems(start.problems, start.text));
    if (!start.snapshot) return ExitCode::config_invalid;
    std::string body;
    if (const ExitCode read = read_request(console, body); read != ExitCode::ok) return read;
    json::DocumentPool pool;
    const Result<Request> request =
        client_face("openai").read({.operation = operation(), .body = std::move(body)}, pool);
    if (!request) return fail(console, request.error());

    const GuardSet guards(start.snapshot->guards);
    const auto named = with_named_model(*start.snapshot, request->model);
    const Snapshot& snapshot = named ? *named : *start.snapshot;
    ContentsReading reading(guards, *request);
    reading.locate();
    while (!reading.advance(SIZE_MAX)) {
    }
    Result<RequestFacts> facts = gather_facts(*request, snapshot, reading.contents(), caller_, sensitive_, tags_);
    if (!facts) return fail(console, facts.error());
    estimate(console, snapshot, *request, *facts);
    if (const Status allowed = caller_may_name(request->model, *start.snapshot); !allowed)
      return fail(console, allowed.error());
    Result<Plan> plan = decide(*facts, snapshot, HealthView{});
    if (!plan) return fail(console, plan.error());
    const auto leaving = take_out(guards, *request, *facts, snapshot, pool, *plan);

    if (json_.given)
      print_json(console, *request, *facts, *plan, leaving, snapshot);
    else
      print_text(console, findings_line(reading), *request, *facts, *plan, leaving, snapshot);
    return plan->kept() > 0 ? ExitCode::ok : ExitCode::refused;
  }

 private:
  ExitCode read_request(Console& console, std::string& body) const {
    if (!file_.empty()) {
      std::ifstream in(file_, std::ios::binary);
      body = read_all(in);
      if (!in) {
        console.error(fmt::format("cannot read {}", file_));
        return ExitCode::failed;
      }
      return ExitCode::ok;
    }
    if (isatty(STDIN_FILENO) == 1) {
      console.error("no request", "give one on standard input or with --file; see weir explain --help");
      return ExitCode::usage;
    }
    body = read_all(std::cin);
    return ExitCode::ok;
  }

  // As the server would: with what was learned, and only where a rule asks.
  void estimate(Console& console, const Snapshot& snapshot, const Request& request, RequestFacts& facts) const {
    if (!wants_estimate(snapshot)) return;
    std::string fault;
    const auto estimator = routing::estimator_of(data_.folder(), fault);
    if (!fault.empty()) console.note(fault + "\n");
    estimate_facts(estimator.get(), request, facts);
  }

  [[nodiscard]] Operation operation() const {
    if (operation_ == "completion") return Operation::completion;
    return operation_ == "embedding" ? Operation::embedding : Operation::chat;
  }

  // What the caller's key may name, where a key of that name exists in the data folder.
  [[nodiscard]] Status caller_may_name(std::string_view model, const Snapshot& snapshot) const {
    if (caller_.empty()) return {};
    auto store = open_store("sqlite", {.folder = data_.folder(), .access = StoreAccess::read_only});
    if (!store) return {};
    const Result<std::vector<KeyRecord>> keys = (*store)->keys();
    if (!keys) return {};
    for (const KeyRecord& key : *keys) {
      if (key.name != caller_ || key.revoked_us != 0 || key.routes.empty()) continue;
      const auto may = [&](std::string_view name) {
        return std::find(key.routes.begin(), key.routes.end(), name) != key.routes.end();
      };
      const auto known = snapshot.route_by_name.contains(model) ? std::nullopt : find_model(snapshot, model);
      if (may(model) || (known && may(snapshot.models[*known].id))) continue;
      return failure(ErrorCode::forbidden, fmt::format("the key `{}` may not use `{}`; it may use {}", caller_, model,
                                                       fmt::join(key.routes, ", ")));
    }
    return {};
  }

  // What would be taken out for whom: `email:2`. Who could not be asked without it is dropped, as by the code that
  // serves.
  struct Leaving {
    std::string model;
    std::string redacted;
  };
  static std::vector<Leaving> take_out(const GuardSet& guards, const Request& request, const RequestFacts& facts,
                                       const Snapshot& snapshot, json::DocumentPool& pool, Plan& plan) {
    std::vector<Leaving> out;
    for (auto& candidate : plan.candidates) {
      if (!is_kept(candidate.verdict) || candidate.redact == 0) continue;
      const auto wish = redaction_for(plan, zone_of(candidate, snapshot), facts, snapshot);
      redaction::Redactor redactor(guards, request, wish, pool);
      while (!redactor.advance(SIZE_MAX)) {
      }
      const auto made = redactor.take();
      if (made) {
        out.push_back({.model = snapshot.models[candidate.model].id, .redacted = made->replacements.summary()});
      } else {
        candidate.verdict = Verdict::redaction;
        plan.refusal = made.error();
      }
    }
    return out;
  }

  static ExitCode fail(Console& console, const Error& error) {
    console.error(error.message, error.param.empty() ? "" : fmt::format("at {}", error.param));
    const bool answered_no = error.code == ErrorCode::unknown_model || error.code == ErrorCode::forbidden;
    return answered_no ? ExitCode::refused : ExitCode::failed;
  }

  static void print_json(Console& console, const Request& request, const RequestFacts& facts, const Plan& plan,
                         const std::vector<Leaving>& leaving, const Snapshot& snapshot) {
    std::string text;
    json::Writer out(text);
    out.begin_object().key("facts").begin_object();
    out.key("model").value(facts.requested_model);
    out.key("operation").value(to_string(facts.operation));
    out.key("found").value(snapshot.classes.join(facts.found));
    out.key("declared").value(snapshot.classes.join(facts.declared));
    out.key("input_tokens").value(facts.input_tokens);
    out.key("has_tools").boolean(facts.has_tools);
    out.key("has_images").boolean(facts.has_images);
    out.key("has_files").boolean(facts.has_files);
    out.key("has_audio").boolean(facts.has_audio);
    out.key("unreadable").value(join_names(facts.unreadable));
    out.key("stream").boolean(facts.stream);
    if (facts.difficulty >= 0) out.key("task").value(facts.task).key("difficulty").value(facts.difficulty);
    out.end_object().key("redacted").begin_object();
    for (const auto& one : leaving) out.key(one.model).value(one.redacted);
    out.end_object();
    if (const auto lines = explain_objective(plan, facts, snapshot, HealthView{}); !lines.empty()) {
      out.key("objective").begin_array();
      for (const auto& line : lines) out.value(line);
      out.end_array();
    }
    if (const auto hedge = explain_hedge(request, facts, plan, snapshot); !hedge.empty()) out.key("hedge").value(hedge);
    out.key("plan").raw(to_json(plan, snapshot)).end_object();
    console.print_line(text);
  }

  static void print_text(Console& console, const std::string& findings, const Request& request,
                         const RequestFacts& facts, const Plan& plan, const std::vector<Leaving>& leaving,
                         const Snapshot& snapshot) {
    console.print_line(fmt::format("Request   {} to {}, about {} tokens{}{}{}{}{}", to_string(facts.operation),
                                   facts.requested_model, facts.input_tokens, facts.has_tools ? ", tools" : "",
                                   facts.has_images ? ", images" : "", facts.has_files ? ", files" : "",
                                   facts.has_audio ? ", audio" : "", facts.stream ? ", streamed" : ""));
    const std::string classes = snapshot.classes.join(plan.classes);
    if (facts.unreadable != 0) {
      console.print_line(fmt::format("Unread    {}: nobody here can say what is in it", join_names(facts.unreadable)));
    }
    console.print_line(fmt::format("Guards    {} -> {}", findings, classes.empty() ? "not sensitive" : classes));
    for (const auto& one : leaving) console.print_line(fmt::format("Redacted  {}, for {}", one.redacted, one.model));
    if (facts.difficulty >= 0) {
      console.print_line(fmt::format("Estimate  task {}, difficulty {:.2f}", facts.task, facts.difficulty));
    }
    for (const auto& line : explain_objective(plan, facts, snapshot, HealthView{})) {
      console.print_line("Objective " + line);
    }
    if (const auto hedge = explain_hedge(request, facts, plan, snapshot); !hedge.empty())
      console.print_line("Hedge     " + hedge);
    console.print("\n");
    console.print(render_plan(plan, snapshot, console.columns()));
    console.print(experiments_note(plan, snapshot));
  }

  ConfigOption config_;
  DataOption data_;
  JsonOption json_;
  std::string file_;
  std::string operation_ = "chat";
  std::string caller_;
  std::string tags_;
  std::string sensitive_;
};

}  // namespace

std::unique_ptr<Command> make_explain_command() { return std::make_unique<ExplainCommand>(); }

}  // namespace weir
