#include "pipeline/cascade.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/lesson_rules.h"
#include "formats/format.h"
#include "judges/answer_text.h"
#include "judges/model_judge.h"
#include "judges/weights.h"
#include "lessons/lesson_keeper.h"
#include "pipeline/cascade_memory.h"
#include "pipeline/side_question.h"

namespace weir {
namespace {

constexpr std::size_t most_lesson = 1024 * 1024;  // bytes; a longer one is not kept
constexpr double warm = 0.8;  // temperature of samples: at 0 a model agrees with itself whatever it says

// What of a fault may stand in the ledger: not what was found, as that quotes request and answer.
std::string kinds_of(std::string_view found) {
  std::string kinds;
  for (std::size_t at = 0; at < found.size();) {
    const auto end = std::min(found.find("; ", at), found.size());
    auto one = found.substr(at, end - at);
    if (const auto first = one.find(": "); first != std::string_view::npos) {
      if (const auto second = one.find(": ", first + 2); second != std::string_view::npos) one = one.substr(0, second);
    }
    kinds.append(kinds.empty() ? "" : "; ").append(one);
    at = end + 2;
  }
  return kinds;
}

// It is an answer at all, however poor.
bool says_anything(const Response& answer) {
  return std::any_of(answer.choices.begin(), answer.choices.end(), [](const Choice& choice) {
    return choice.has_other || choice.has(Part::Kind::tool_call) || !normalised(said_text(choice)).empty();
  });
}

// 0 to 1, of the request's id: the same each time.
double salt_of(std::string_view id) {
  constexpr auto most = static_cast<double>(std::numeric_limits<uint32_t>::max());
  return static_cast<double>(static_cast<uint32_t>(std::hash<std::string_view>{}(id))) / most;
}

bool has_field(const Request& request, std::string_view key) {
  const auto& fields = request.fields();
  return std::any_of(fields.begin(), fields.end(), [&](const json::Field& field) { return field.key == key; });
}

ParameterRule set(std::vector<std::string> path, std::string value) {
  return {.act = ParameterRule::Act::set, .path = std::move(path), .value = std::move(value)};
}

// A body that goes out as it came is made one that asks for a whole answer, not the same as the last.
ParameterRules sample_changes(const Request& request, std::string_view wire) {
  if (wire != request.format) return {};
  ParameterRules rules;
  if (has_field(request, "stream") || wire == "ollama") rules.push_back(set({"stream"}, "false"));
  if (has_field(request, "stream_options")) {
    rules.push_back({.act = ParameterRule::Act::drop, .path = {"stream_options"}});
  }
  const auto temperature = fmt::format("{}", warm);
  if (wire == "openai" || wire == "anthropic" || wire == "cohere") {
    rules.push_back(set({"temperature"}, temperature));
  } else if (wire == "ollama") {
    rules.push_back(set({"options", "temperature"}, temperature));
  } else if (wire == "gemini") {
    rules.push_back(set({"generationConfig", "temperature"}, temperature));
  }
  if (has_field(request, "seed")) rules.push_back({.act = ParameterRule::Act::drop, .path = {"seed"}});
  return rules;
}

// While it lives, the request asks for one whole answer of its own.
class AsSample {
 public:
  explicit AsSample(Request& request)
      : request_(request),
        stream_(std::exchange(request.stream, false)),
        n_(std::exchange(request.n, 1)),
        temperature_(request.temperature),
        seed_(std::exchange(request.seed, std::nullopt)) {
    request.temperature = std::max(request.temperature.value_or(warm), warm);
  }
  ~AsSample() {
    request_.stream = stream_;
    request_.n = n_;
    request_.temperature = temperature_;
    request_.seed = seed_;
  }
  AsSample(const AsSample&) = delete;
  AsSample& operator=(const AsSample&) = delete;

 private:
  Request& request_;
  const bool stream_;
  const int64_t n_;
  const std::optional<double> temperature_;
  const std::optional<int64_t> seed_;
};

}  // namespace

bool Cascade::judges() const {
  if (!context_.plan.escalate) return false;
  const auto operation = context_.request.operation;
  return operation == Operation::chat || operation == Operation::completion;
}

bool Cascade::wants(bool JudgeInfo::*what) const {
  return std::any_of(rules().judges.begin(), rules().judges.end(), [&](const std::string& name) {
    const auto* const judge = find_judge(name);
    return judge != nullptr && judge->info().*what;
  });
}

bool Cascade::wants_logprobs(uint32_t model) const {
  if (!judges() || context_.request.logprobs || logprobs_refused_ || !wants(&JudgeInfo::wants_logprobs)) return false;
  if (context_.request.operation != Operation::chat) return false;
  // The last one is given whatever it says.
  const auto kept = context_.plan.kept();
  if (kept < 2 || context_.plan.candidates[kept - 1].model == model) return false;
  const auto& provider = context_.provider_of(model);
  const auto& quirks = provider.quirks;
  if (quirks.groq_fields || quirks.mistral_fields || quirks.together_fields || quirks.tgi_fields) return false;
  const auto& wire = context_.deployment->formats[context_.model(model).provider]->wire;
  // Ollama's own answers to its own clients have no place from which they could be taken.
  const bool can = wire == "openai" || (wire == "ollama" && context_.request.format != "ollama");
  return can &&
         !context_.worker.cascades->refuses_logprobs(context_.model(model).id, context_.worker.loop.now_us() / 1000);
}

void Cascade::answered(uint32_t model) {
  if (!std::exchange(logprobs_refused_, false)) return;
  context_.worker.cascades->note_refusal(context_.model(model).id, context_.worker.loop.now_us() / 1000);
}

JudgedAnswer Cascade::judged(const Response& answer) const {
  const auto* const lessons = context_.worker.lessons;
  return {.response = answer,
          .decide_after = rules().decide_after,
          .weights = lessons == nullptr ? nullptr : lessons->weights()};
}

std::optional<Score> Cascade::look(const Response& so_far) {
  auto beginning = judged(so_far);
  beginning.whole = false;
  return judge_by_all(rules().judges, context_.request, beginning, rules().share ? worthless : rules().below);
}

net::Task<Score> Cascade::judge(uint32_t model, const Response& answer, net::Cancellation& cancellation) {
  auto whole = judged(answer);
  auto score = judge_by_all(rules().judges, context_.request, whole, 0);
  // What costs nothing has decided already, where a threshold is given.
  const bool decided = !rules().share && score && score->value >= 0 && score->value < rules().below;
  if (decided || !(wants(&JudgeInfo::wants_samples) || wants(&JudgeInfo::asks_model))) {
    co_return score.value_or(Score{});
  }
  std::vector<Response> others;
  if (wants(&JudgeInfo::wants_samples)) others = co_await samples(model, cancellation);
  if (wants(&JudgeInfo::asks_model)) {
    auto said = co_await opinion(model, answer, cancellation);
    whole.opinion = std::move(said);
  }
  whole.samples = others;
  score = judge_by_all(rules().judges, context_.request, whole, 0);
  co_return score.value_or(Score{});
}

Score Cascade::judge_alone(const Response& answer) const {
  return judge_by_all(rules().judges, context_.request, judged(answer), 0).value_or(Score{});
}

net::Task<std::vector<Response>> Cascade::samples(uint32_t model, net::Cancellation& cancellation) {
  std::vector<Response> others;
  // The request as it came goes nowhere that may have it redacted only.
  const auto& candidates = context_.plan.candidates;
  if (std::any_of(candidates.begin(), candidates.end(),
                  [&](const Candidate& one) { return one.model == model && one.redact != 0; })) {
    co_return others;
  }
  const auto& wire = context_.deployment->formats[context_.model(model).provider]->wire;
  const auto changes = sample_changes(context_.request, wire);
  const auto until_us = std::min(context_.worker.loop.deadline_in_ms(rules().judge_ms), context_.deadline_us);
  const AsSample as_sample(context_.request);
  while (static_cast<int64_t>(others.size()) + 1 < rules().samples) {
    SideQuestion question{.context = context_,
                          .request = context_.request,
                          .model = model,
                          .purpose = "judge",
                          .deadline_us = until_us,
                          .cancellation = cancellation,
                          .has_slot = true,
                          .changes = changes};
    auto asked = ask_aside(std::move(question));
    auto answer = co_await std::move(asked);
    if (!answer) break;
    answer->raw.clear();
    others.push_back(std::move(*answer));
  }
  co_return others;
}

net::Task<std::optional<std::string>> Cascade::opinion(uint32_t answered_by, const Response& answer,
                                                       net::Cancellation& cancellation) {
  const auto judge = *rules().model;
  std::string said;
  for (const auto& choice : answer.choices) said += said_text(choice);
  if (!may_be_asked(context_, judge, said)) co_return std::nullopt;
  auto request = client_face("openai").read(
      {.body = judge_question(context_.request, answer, context_.model(judge).name)}, context_.worker.documents);
  if (!request) co_return std::nullopt;
  const bool same_server = context_.model(judge).provider == context_.model(answered_by).provider;
  SideQuestion question{
      .context = context_,
      .request = *request,
      .model = judge,
      .purpose = "judge",
      .deadline_us = std::min(context_.worker.loop.deadline_in_ms(rules().judge_ms), context_.deadline_us),
      .cancellation = cancellation,
      .has_slot = same_server,
      .changes = {}};
  auto asked = ask_aside(std::move(question));
  const auto reply = co_await std::move(asked);
  if (!reply || reply->choices.empty()) co_return std::nullopt;
  co_return reply->choices.front().text();
}

bool Cascade::is_poor(const Score& score) {
  if (score.value < 0) return false;
  if (!rules().share) {
    threshold_ = rules().below;
    return score.value < rules().below;
  }
  auto& shares = context_.worker.cascades->shares(fmt::format("{}:{}", context_.entry.route, rules().line));
  const bool poor = shares.escalates(score.value, salt_of(context_.entry.id), *rules().share);
  threshold_ = std::max(shares.threshold(), 0.0);
  return poor;
}

void Cascade::note(uint32_t model, std::size_t place, const Score& score, bool poor) {
  auto& attempt = context_.entry.attempts[place];
  attempt.score = score.value;
  const auto& id = context_.model(model).id;
  if (!poor) {
    given_note_ = score.value < 0 ? "not judged" : fmt::format("judged {:.2f}", score.value);
    if (score.value < 0) attempt.message = kinds_of(score.found);
    return;
  }
  attempt.message = kinds_of(score.found);
  if (lesson_.first_model.empty()) {
    lesson_.first_model = id;
    lesson_.first_score = score.value;
  }
  if (rules().share) {
    notes_.push_back(fmt::format("{} answered {:.2f}, of the poorest {:.4g} %", id, score.value, *rules().share * 100));
  } else {
    // Rounded down, so that it never reads as `0.70 < 0.7`.
    notes_.push_back(fmt::format("{} answered {:.2f} < {:.4g}", id, std::floor(score.value * 100) / 100, threshold_));
  }
}

void Cascade::keep_draft(Draft draft, const Response& answer) {
  if (lesson_.first_answer.empty() && lesson_.first_model == context_.model(draft.model).id) {
    if (context_.plan.route && context_.snapshot().routes[*context_.plan.route].lessons) {
      lesson_.first_answer = lesson_answer(answer);
      lesson_.features = features_of(context_.request, answer);
    }
  }
  if (!says_anything(answer)) return;
  // Of several the best is kept.
  if (draft_ && draft_->score >= draft.score) return;
  draft_ = std::move(draft);
}

void Cascade::note_given(uint32_t model, const Response& answer, const Score& score) {
  context_.entry.score = score.value;
  if (!context_.plan.route || !context_.snapshot().routes[*context_.plan.route].lessons) return;
  const bool first = lesson_.first_model.empty();
  (first ? lesson_.first_model : lesson_.better_model) = context_.model(model).id;
  (first ? lesson_.first_answer : lesson_.better_answer) = lesson_answer(answer);
  (first ? lesson_.first_score : lesson_.better_score) = score.value;
  if (first) lesson_.features = features_of(context_.request, answer);
}

void Cascade::note_failure(std::string_view model, const Error& error) {
  notes_.push_back(fmt::format("{} failed ({})", model, to_string(error.code)));
}

std::string Cascade::reason_with_notes(std::string reason) const {
  if (!notes_.empty()) {
    const auto last = reason.rfind("; ");
    const auto at = last == std::string::npos ? 0 : last + 2;
    reason.insert(at, fmt::format("{}; ", fmt::join(notes_, "; ")));
  }
  if (!given_note_.empty()) reason.append("; ").append(given_note_);
  return reason;
}

void Cascade::keep_lesson() {
  auto* const keeper = context_.worker.lessons;
  if (keeper == nullptr || !judges() || !context_.plan.route || lesson_.first_answer.empty()) return;
  const auto& route = context_.snapshot().routes[*context_.plan.route];
  if (!route.lessons || context_.error) return;
  if (lesson_.better_model.empty() && !route.lessons->good) return;
  lesson_.request_id = context_.entry.id;
  lesson_.time_us = context_.entry.time_us;
  lesson_.route = route.name;
  lesson_.key_id = context_.entry.key_id;
  lesson_.classes = context_.entry.classes;
  lesson_.task = context_.entry.task;
  lesson_.keep_ms = route.lessons->keep_ms;
  lesson_.most_bytes = static_cast<int64_t>(route.lessons->most_bytes);
  lesson_.messages = lesson_messages(context_.request);
  lesson_.tools = lesson_tools(context_.request);
  if (lesson_.bytes() > most_lesson) return;
  keeper->keep(std::move(lesson_));
}

std::string without_logprobs(std::string_view body) {
  std::vector<json::Splice> splices;
  for (const auto& field : json::top_level_fields(body)) {
    if (field.key != "choices") continue;
    for (const auto choice : json::elements(body.substr(field.value_begin, field.value_end - field.value_begin))) {
      if (!choice.starts_with('{')) continue;
      const auto begin = static_cast<std::size_t>(choice.data() - body.data());
      for (const auto& inner : json::top_level_fields(choice)) {
        if (inner.key != "logprobs") continue;
        splices.push_back({.begin = begin + inner.value_begin, .end = begin + inner.value_end, .with = "null"});
      }
    }
  }
  return json::apply(body, splices);
}

}  // namespace weir
