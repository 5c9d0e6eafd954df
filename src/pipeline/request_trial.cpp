#include "pipeline/request_trial.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "core/dial_settings.h"
#include "experiments/assignment.h"
#include "judges/comparison.h"
#include "lessons/lesson_keeper.h"
#include "pipeline/shadow_copies.h"
#include "trials/trial_keeper.h"

namespace weir {
namespace {

bool is_compared(Operation operation) { return operation == Operation::chat || operation == Operation::completion; }

// The words that a conversation begins with: they are in all its turns.
std::string beginning_of(const Request& request) {
  std::string buffer;
  for (const auto& message : request.messages) {
    if (message.role == Role::user) return std::string(message.plain_text(buffer));
  }
  return request.inputs.empty() ? std::string() : std::string(request.inputs.front());
}

ComparedSide side_of(const AttemptEntry& attempt) {
  return {.model = attempt.model,
          .ok = attempt.outcome == "ok",
          .cost = attempt.cost,
          .duration_us = attempt.duration_us,
          .first_token_us = attempt.first_token_us};
}

}  // namespace

RequestTrial::RequestTrial(RequestContext& context, const ClientFace& face, std::string_view tags)
    : context_(context), face_(face) {
  const auto& snapshot = context_.snapshot();
  if (snapshot.experiments.empty() || context_.worker.trials == nullptr) return;
  if (!is_compared(context_.facts.operation)) return;
  const auto route = snapshot.route_by_name.find(context_.facts.requested_model);
  if (route == snapshot.route_by_name.end()) return;
  const auto& name = snapshot.routes[route->second].name;
  const auto shares = context_.worker.trials->shares();
  tags_ = tags;
  for (const auto& experiment : snapshot.experiments) {
    if (experiment->route != name || shares->stopped(experiment->name)) continue;
    if (experiment->until_us != 0 && context_.entry.time_us >= experiment->until_us) continue;
    if (experiment->kind != ExperimentKind::shadow && !arm_of_) choose_arm(experiment);
    const bool copies = experiment->kind == ExperimentKind::shadow || experiment->kind == ExperimentKind::dial;
    if (copies && !copy_of_) choose_copy(experiment);
  }
}

std::string RequestTrial::what_sticks(const ExperimentSettings& experiment) const {
  if (experiment.sticky == StickTo::caller && !context_.entry.caller.empty()) return context_.entry.caller;
  if (experiment.sticky == StickTo::tag && !tags_.empty()) return tags_;
  return beginning_of(context_.request);
}

void RequestTrial::choose_arm(const std::shared_ptr<const ExperimentSettings>& experiment) {
  const auto place = experiments::place_of(experiment->name, what_sticks(*experiment));
  auto share = of_whole(experiment->share);
  if (experiment->kind != ExperimentKind::ab) {
    const auto stands_at = context_.worker.trials->shares()->share(experiment->name, context_.facts.task);
    if (!stands_at) return;
    share = *stands_at;
  }
  arm_of_ = experiment;
  share_ = share;
  tested_ = place < share;
  const auto& models = experiment->models;
  switch (experiment->kind) {
    case ExperimentKind::ab:
      first_ = FirstChoice{.model = models[tested_ ? 1 : 0]};
      break;
    case ExperimentKind::canary:
      if (tested_) first_ = FirstChoice{.model = models.front()};
      break;
    case ExperimentKind::dial:
      first_ = FirstChoice{.model = models[tested_ ? 0 : 1], .only_if_named = true};
      break;
    case ExperimentKind::shadow:
      break;
  }
}

void RequestTrial::choose_copy(const std::shared_ptr<const ExperimentSettings>& experiment) {
  std::uniform_int_distribution<int64_t> drawn(0, whole_share - 1);
  if (drawn(context_.worker.random) < experiment->sample) copy_of_ = experiment;
}

bool RequestTrial::kept_in_plan(uint32_t model) const {
  const auto& candidates = context_.plan.candidates;
  return std::any_of(candidates.begin(), candidates.end(),
                     [&](const Candidate& one) { return one.model == model && is_kept(one.verdict); });
}

void RequestTrial::decided() {
  if (context_.plan.kept() == 0) {
    arm_of_.reset();
    copy_of_.reset();
  }
  if (arm_of_ && first_ && !kept_in_plan(first_->model)) arm_of_.reset();  // its zone, or what it cannot do
  if (arm_of_ && arm_of_->kind == ExperimentKind::dial && !kept_in_plan(arm_of_->models[tested_ ? 1 : 0])) {
    arm_of_.reset();  // one of the two alone may answer: no choice was made
  }
  if (copy_of_ && copy_of_->kind == ExperimentKind::dial && copy_of_ != arm_of_) copy_of_.reset();
  if (arm_of_) {
    const bool others = arm_of_->kind == ExperimentKind::canary && !tested_;
    const auto model = first_ ? context_.model(first_->model).id : std::string();
    context_.entry.experiment = arm_of_->name + ":" + (others ? "others" : model);
  } else if (copy_of_) {
    context_.entry.experiment = copy_of_->name + ":answered";
  }
  if (arm_of_ || copy_of_) context_.heard = std::make_unique<HeardAnswer>();
}

const AttemptEntry* RequestTrial::attempt_of(uint32_t model) const {
  const auto& attempts = context_.entry.attempts;
  const auto& id = context_.model(model).id;
  const auto found = std::find_if(attempts.rbegin(), attempts.rend(),
                                  [&](const AttemptEntry& one) { return one.model == id && one.purpose.empty(); });
  return found == attempts.rend() ? nullptr : &*found;
}

void RequestTrial::ended() {
  if (!context_.heard) return;
  const bool gone = context_.error == ErrorCode::client_gone || context_.error == ErrorCode::shutting_down;
  if (gone || context_.heard->too_long()) return;
  if (arm_of_ && arm_of_->kind != ExperimentKind::dial) tell_outcome();
  if (copy_of_ && !context_.error) ask_other_model();
}

std::optional<double> RequestTrial::scored(const ExperimentSettings& experiment, const Response& answer,
                                           const Response* reference) const {
  const auto* lessons = context_.worker.lessons;
  return compare_by(experiment.judge, context_.request, answer, reference,
                    lessons == nullptr ? nullptr : lessons->weights());
}

void RequestTrial::tell_outcome() {
  const bool others = arm_of_->kind == ExperimentKind::canary && !tested_;
  const auto& attempts = context_.entry.attempts;
  const auto* attempt = first_ ? attempt_of(first_->model) : attempts.empty() ? nullptr : &attempts.front();
  // The breaker kept it from being asked, or no slot was free: nothing was learned of it.
  if (attempt == nullptr || attempt->outcome == "queue_timeout") return;
  ArmOutcome outcome{.experiment = arm_of_->name,
                     .arm = others ? "others" : context_.model(first_->model).id,
                     .task = std::string(context_.facts.task),
                     .request = context_.entry.id,
                     .ok = attempt->outcome == "ok",
                     .cost = attempt->cost,
                     .duration_us = attempt->duration_us};
  if (outcome.ok) {
    if (const auto of_answer = scored(*arm_of_, context_.heard->response(), nullptr)) {
      outcome.score = to_parts(*of_answer);
      context_.entry.score = *of_answer;
    }
  }
  context_.worker.trials->keep(std::move(outcome));
}

void RequestTrial::ask_other_model() {
  auto& worker = context_.worker;
  const auto& models = copy_of_->models;
  const auto& answered = context_.entry.model;
  const bool dial = copy_of_->kind == ExperimentKind::dial;
  const bool tested_answered = answered == context_.model(models.front()).id;
  // A shadow compares with whatever model answers otherwise; a dial knows both.
  if (!dial && tested_answered) return;
  if (dial && !tested_answered && answered != context_.model(models[1]).id) return;
  if (worker.copies == nullptr || !context_.plan.route) return;
  const auto* attempt = context_.entry.attempts.empty() ? nullptr : &context_.entry.attempts.back();
  if (attempt == nullptr || attempt->model != answered) return;

  ShadowOrder order{.experiment = copy_of_,
                    .deployment = context_.deployment,
                    .named = context_.named,
                    .key = context_.key,
                    .face = &face_,
                    .facts = context_.facts,
                    .tags = tags_,
                    .route = *context_.plan.route,
                    .model = tested_answered ? models[1] : models.front(),
                    .asks_tested = !tested_answered,
                    .answer = std::move(*context_.heard)};
  order.comparison.experiment = copy_of_->name;
  order.comparison.route = context_.entry.route;
  order.comparison.task = context_.facts.task;
  order.comparison.request = context_.entry.id;
  order.comparison.share = arm_of_ == copy_of_ ? to_parts(share_) : 0;
  order.comparison.tested_answered = tested_answered;
  (tested_answered ? order.comparison.tested : order.comparison.reference) = side_of(*attempt);
  const bool by_class = std::any_of(context_.plan.narrowed_by.begin(), context_.plan.narrowed_by.end(),
                                    [](const Narrowing& one) { return one.classes != 0; });
  order.may_keep = copy_of_->keep_answers && (!by_class || copy_of_->keep_sensitive);
  // The model in question was asked and failed, and the other one answered in its place: that is a comparison.
  if (const auto* failed = attempt_of(models.front());
      !tested_answered && failed != nullptr && failed->outcome != "ok" && failed->outcome != "queue_timeout") {
    const auto of_reference = scored(*copy_of_, order.answer.response(), &order.answer.response());
    if (!of_reference) return;
    order.comparison.tested = side_of(*failed);
    order.comparison.reference.score = to_parts(*of_reference);
    worker.trials->keep(std::move(order.comparison), std::nullopt);
    return;
  }
  if (!worker.trials->begin_copy(*copy_of_)) return;
  // Nothing reads the context's request any more.
  order.request = std::move(context_.request);
  order.outgoing = std::move(context_.outgoing);
  worker.copies->start(std::move(order));
}

}  // namespace weir
