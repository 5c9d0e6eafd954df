#include "pipeline/pipeline.h"

#include "admission/demand.h"
#include "core/sound_length.h"
#include "core/text_list.h"
#include "pipeline/answer_keeping.h"
#include "pipeline/estimates.h"
#include "pipeline/in_turns.h"
#include "pipeline/kept_exchange.h"
#include "pipeline/parse_gate.h"
#include "pipeline/placement.h"
#include "pipeline/relay.h"
#include "pipeline/request_trial.h"
#include "pipeline/spilled_files.h"
#include "pipeline/stored_text.h"
#include "pipeline/whereabouts.h"
#include "pipeline/with_model.h"
#include "policies/policy.h"

namespace weir {
namespace {

constexpr int most_pauses = 100;
constexpr int64_t pause_ms = 5;
constexpr std::size_t read_at_once = 64 * 1024;  // of a request's texts, by the guards

// Whoever may use a model may do so by any of its names.
Status check_permission(const KeyState* key, std::string_view model, const Snapshot& snapshot) {
  if (key == nullptr || key->may_use(model)) return {};
  const auto known = snapshot.route_by_name.contains(model) ? std::nullopt : find_model(snapshot, model);
  if (known && key->may_use(snapshot.models[*known].id)) return {};
  std::string allowed;
  for (const auto& route : key->record.routes) allowed += (allowed.empty() ? "" : ", ") + route;
  return failure(Error{.code = ErrorCode::forbidden,
                       .message = fmt::format("The key '{}' may not use '{}'. It may use: {}.", key->record.name,
                                              shortened(model), allowed),
                       .param = "model"});
}

AskedFacts asked_facts(const RequestFacts& facts, const Request& request) {
  return {.input_tokens = facts.input_tokens,
          .output_tokens = facts.output_tokens,
          .choices = request.n,
          .has_tools = facts.has_tools,
          .has_images = facts.has_images,
          .has_files = facts.has_files,
          .has_audio = facts.has_audio,
          .known = true};
}

// Takes from the key's limits what this request may use at most.
Result<Reservation> reserve(const RequestContext& context) {
  if (!context.key || !context.key->meter->limited()) return Reservation{};
  std::vector<uint32_t> models;
  for (const auto& one : context.plan.candidates) {
    if (is_kept(one.verdict) || one.verdict == Verdict::reserved) models.push_back(one.model);
  }
  const auto demand = demand_of(context.request, context.facts, context.snapshot(), models);
  return admit(*context.key, demand, {.wall_us = context.entry.time_us, .steady_us = context.worker.loop.now_us()});
}

// A kept answer costs nothing and takes no tokens; but who may ask no more now, may not have it either.
Result<Reservation> admit_hit(const RequestContext& context, const StoredAnswer& answer) {
  if (!context.key || !context.key->meter->limited()) return Reservation{};
  const auto& usage = answer.response.usage;
  const Demand demand{.tokens = usage.input + usage.output, .cost = 0};
  return admit(*context.key, demand, {.wall_us = context.entry.time_us, .steady_us = context.worker.loop.now_us()});
}

net::Task<Result<ParseGate::Place>> enter_gate(Worker& worker, std::size_t bytes, net::Cancellation& cancellation) {
  if (worker.gate == nullptr || bytes < ParseGate::large) co_return ParseGate::Place();
  const auto& limits = worker.deployment->snapshot->limits;
  const ParseGate::Bounds bounds{.bytes = limits.parsing_bytes, .patience_ms = limits.parsing_ms};
  co_return co_await worker.gate->enter(worker.loop, bytes, bounds, cancellation);
}

struct Unread {
  const ClientFace& face;
  Asked asked;
  std::string model;
};

Result<Request> read_body(Unread& request, json::DocumentPool& pool) {
  if (!request.model.empty()) request.asked.body = with_model(std::move(request.asked.body), request.model);
  return request.face.read(std::move(request.asked), pool);
}

net::Task<Result<Request>> read_request(Worker& worker, Incoming& incoming) {
  Unread request{.face = *incoming.face,
                 .asked = {.operation = incoming.operation,
                           .method = incoming.method,
                           .path = incoming.path,
                           .content_type = std::move(incoming.content_type),
                           .named = std::move(incoming.named),
                           .streams = incoming.streams,
                           .query = std::move(incoming.query),
                           .carried = std::move(incoming.carried),
                           .body = std::move(incoming.body)},
                 .model = std::move(incoming.model)};
  if (worker.gate != nullptr && request.asked.body.size() >= ParseGate::large) {
    ParseGate::Decode large = [shared = std::make_shared<Unread>(std::move(request))](json::DocumentPool& pool) {
      return read_body(*shared, pool);
    };
    co_return co_await worker.gate->decode(worker.loop, std::move(large));
  }
  co_return read_body(request, worker.documents);
}

// Files and batches need not name a model: what keeps them is the first that can. A view of the snapshot; "" where
// there is none.
std::string_view keeper_of(Operation operation, const Snapshot& snapshot) {
  if (names_a_model(operation)) return {};
  for (const auto& model : snapshot.models) {
    if (holds(model.serves(), operation)) return model.id;
  }
  return {};
}

std::size_t total_size(const std::vector<std::string_view>& texts) {
  std::size_t total = 0;
  for (const auto text : texts) total += text.size();
  return total;
}

// What the request holds, read with pauses in which the loop serves others.
net::Task<Contents> read_in_turns(net::EventLoop& loop, const GuardSet& guards, const Request& request) {
  ContentsReading reading(guards, request);
  co_await in_turns(loop, reading);
  co_return reading.contents();
}

// What of the request made the rules narrow its zones, for the refusal: which kinds, and where they stand.
net::Task<std::string> say_what_was_found(net::EventLoop& loop, const RequestContext& context) {
  ClassSet behind = 0;
  for (const auto& narrowing : context.plan.narrowed_by) behind |= narrowing.classes;
  if (context.plan.blocked_by) behind |= context.plan.blocked_by->classes;
  for (const auto& candidate : context.plan.candidates) behind |= candidate.redact;
  ContentsReading reading(context.deployment->guards, context.request);
  reading.locate();
  co_await in_turns(loop, reading);
  co_return whereabouts_text(reading.located(), behind, reading.texts(), context.request);
}

}  // namespace

Result<RequestFacts> gather_facts(const Request& request, const Snapshot& snapshot, const Contents& contents,
                                  std::string_view caller, std::string_view declared_classes, std::string_view tags) {
  RequestFacts facts{.operation = request.operation,
                     .requested_model = request.model,
                     .caller = caller,
                     .found = contents.classes,
                     .below_medium = contents.below_medium,
                     .below_high = contents.below_high,
                     .tags = split_list(tags),
                     .input_tokens = request.estimated_input_tokens(),
                     .media_tokens = request.estimated_media_tokens(),
                     .output_tokens = request.max_tokens.value_or(0),
                     .has_tools = !request.tools.empty(),
                     .has_images = request.has_images || (contents.carried & unreadable_images) != 0,
                     .has_files = (contents.carried & unreadable_files) != 0,
                     .has_audio = (contents.carried & unreadable_audio) != 0,
                     .stream = request.stream,
                     .unreadable = contents.unreadable};
  for (const auto name : split_list(declared_classes)) {
    const auto known = snapshot.classes.find(name);
    if (!known) {
      return failure(
          Error{.code = ErrorCode::invalid_request,
                .message = fmt::format("x-weir-sensitive names '{}', which is no class of this gateway. Known: {}.",
                                       name, fmt::join(snapshot.classes.all(), ", ")),
                .param = "x-weir-sensitive"});
    }
    facts.declared |= *known;
  }
  return facts;
}

net::Task<void> Pipeline::serve(Incoming incoming, Downstream& downstream) {
  RequestContext context(worker_, incoming.request_id, std::move(incoming.key), incoming.operation);
  const auto& guards = context.deployment->guards;
  context.entry.tags = stored_text(incoming.tags, most_tag_bytes, context.snapshot(), guards);
  context.id_header = incoming.face->id_header();
  // Null for formats whose clients send all of it each time.
  const auto kept = KeptExchange::begin(*incoming.face, context, downstream);
  Relay relay(context, *incoming.face, kept ? *kept : downstream);

  // Many cores make entries faster than one disk takes them: then requests wait, so that no entry must be dropped.
  for (int i = 0; i < most_pauses && worker_.ledger.crowded(); ++i) co_await worker_.loop.sleep(pause_ms);

  // What was said before comes first of all, so that everything below reads the whole conversation.
  if (kept && kept->may_continue(incoming.body)) {
    auto expanded = co_await kept->expand(incoming.body);
    if (!expanded) co_return co_await relay.refuse(expanded.error());
  }
  if (kept) incoming.declared_classes = kept->declare(incoming.declared_classes);

  // Of large bodies only so many bytes are parsed and read at once.
  auto place = co_await enter_gate(worker_, incoming.body.size(), downstream.cancellation());
  if (!place) co_return co_await relay.refuse(place.error());

  // What has values taken out is read anew.
  if (context.deployment->redacts) {
    context.outgoing.remember(*incoming.face, {.operation = incoming.operation,
                                               .method = incoming.method,
                                               .path = incoming.path,
                                               .content_type = incoming.content_type,
                                               .named = incoming.named,
                                               .streams = incoming.streams,
                                               .query = incoming.query,
                                               .carried = incoming.carried});
  }

  // What is asked, in canonical form, whatever the format.
  auto asked = co_await read_request(worker_, incoming);
  if (!asked) co_return co_await relay.refuse(asked.error());
  context.request = std::move(*asked);
  context.files = std::move(incoming.files);
  if (context.files) {
    if (auto whole = check_spilled(*context.files, context.request); !whole)
      co_return co_await relay.refuse(whole.error());
  }
  if (context.files && context.request.operation == Operation::transcription)
    context.request.sound_ms = std::max(context.request.sound_ms, sound_length_ms(context.files->first_part().bytes()));
  if (context.request.model.empty()) context.request.model = keeper_of(context.request.operation, context.snapshot());
  context.entry.requested = stored_model(context.request.model, context.snapshot(), guards);
  context.entry.stream = context.request.stream;
  if (kept) {
    if (auto good = kept->read_wish(); !good) co_return co_await relay.refuse(good.error());
  }
  if (auto permitted = check_permission(context.key.get(), context.request.model, context.snapshot()); !permitted) {
    co_return co_await relay.refuse(permitted.error());
  }
  // A name that a wildcard stands for is a model of its own from here on.
  context.named = worker_.named_model(*context.deployment, context.request.model);

  // All that a rule may ask: the guards read every text before anything is decided.
  Contents contents;
  if (total_size(context.request.texts()) <= read_at_once) {
    contents = read_contents(guards, context.request);
  } else {
    contents = co_await read_in_turns(worker_.loop, guards, context.request);
  }
  if (context.files && context.request.operation == Operation::file) {
    const auto aside = co_await read_spilled_texts(worker_, guards, *context.files, context.request.form);
    contents = joined(contents, aside);
  }
  place->leave();
  auto facts = gather_facts(context.request, context.snapshot(), contents, context.entry.caller,
                            incoming.declared_classes, incoming.tags);
  if (!facts) co_return co_await relay.refuse(facts.error());
  context.facts = std::move(*facts);
  context.facts.batch = incoming.batch;
  if (context.key) context.facts.budget_left = context.key->meter->budget.left_share(context.entry.time_us);
  estimate_facts(context.deployment->estimator.get(), context.request, context.facts);
  context.entry.task = context.facts.task;
  context.entry.difficulty = context.facts.difficulty;
  context.entry.classes = context.snapshot().classes.join(context.facts.classes());
  context.entry.asked = asked_facts(context.facts, context.request);

  // Counted here: nobody is asked.
  if (context.request.operation == Operation::token_count) co_return co_await relay.count_tokens();

  // Experiments of its route: which arm it is in.
  RequestTrial trial(context, *incoming.face, incoming.tags);

  // The decision: pure, zones enforced in it, and never taken again for this request.
  const Deployment::Observer observer{.input_tokens = context.facts.input_tokens,
                                      .urgency = incoming.batch ? Urgency::batch : Urgency::interactive};
  context.deployment->observe(worker_.loop.now_us() / 1000, worker_.health, observer);
  auto plan = decide(context.facts, context.snapshot(), worker_.health, trial.first());
  if (!plan) co_return co_await relay.refuse(plan.error());
  context.plan = std::move(*plan);
  place_candidates(context, trial.first().has_value());
  context.entry.classes = context.snapshot().classes.join(context.plan.classes);
  context.entry.plan = worker_.plan_json(context.plan, context.snapshot());
  if (context.plan.route) context.entry.route = context.snapshot().routes[*context.plan.route].name;
  context.deadline_us = context.started_us + context.plan.total_ms * 1000;
  trial.decided();
  if (context.plan.kept() == 0) {
    const auto code = context.plan.refusal.code;
    if (code == ErrorCode::zone_refused || code == ErrorCode::content_blocked) {
      const std::string found_where = co_await say_what_was_found(worker_.loop, context);
      context.plan.refusal.message += found_where;
    }
    co_return co_await relay.refuse(context.plan.refusal);
  }

  // An answer to the same question, where the route keeps them. It is within the plan, and within the key's limits.
  context.keeping = AnswerKeeping::begin(context, cache_wish(incoming.cache_control));
  if (context.keeping) {
    const auto hit = co_await context.keeping->find(downstream.cancellation());
    if (hit) {
      auto admitted = admit_hit(context, hit->answer);
      if (!admitted) co_return co_await relay.refuse(admitted.error());
      context.reservation = std::move(*admitted);
      // Nobody is asked: no arm of an experiment has answered.
      context.heard.reset();
      context.entry.experiment.clear();
      if (kept) kept->keep_if_allowed();
      co_return co_await relay.replay(*hit);
    }
    worker_.metrics.add(Count::cache_misses);
  }

  context.deployment->shares.record(context.plan, context.facts.difficulty);

  // The key's limits, after the plan because the estimate depends on who may answer.
  auto reservation = reserve(context);
  if (!reservation) co_return co_await relay.refuse(reservation.error());
  context.reservation = std::move(*reservation);

  if (kept) kept->keep_if_allowed();

  // Slots, providers, answers: attempts until the client has one. The context's end writes the ledger.
  co_await relay.run();

  // What the answer says of its arm; perhaps another model is asked the same, for nobody but the comparison.
  trial.ended();
}

}  // namespace weir
