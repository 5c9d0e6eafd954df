#include "pipeline/answer_keeping.h"

#include <algorithm>
#include <charconv>

#include "core/http.h"
#include "core/stable_hash.h"
#include "core/text_list.h"
#include "pipeline/request_context.h"

namespace weir {
namespace {

constexpr int64_t disk_patience_ms = 250;  // asking a model takes as long

const CacheRules* rules_of(const RequestContext& context) {
  if (!context.plan.route || context.worker.answers == nullptr) return nullptr;
  return context.snapshot().routes[*context.plan.route].cache.get();
}

uint64_t mixed(uint64_t hash, std::string_view text) { return stirred(fnv1a(text, hash) ^ text.size()); }

// Of what a model is in this configuration: another server, name or set of parameters gives other answers.
uint64_t settings_of(const RequestContext& context, uint32_t index) {
  const auto& model = context.model(index);
  const auto& provider = context.provider_of(index);
  uint64_t hash = fnv1a_basis;
  for (const std::string_view text :
       {std::string_view(provider.id), std::string_view(provider.kind), std::string_view(provider.url.host),
        std::string_view(provider.url.path), std::string_view(provider.query), std::string_view(model.name)}) {
    hash = mixed(hash, text);
  }
  if (model.workflow) hash = mixed(hash, *model.workflow);
  hash = mixed(hash, std::to_string(provider.url.port));
  for (const auto* const rules : {&provider.parameters, &model.parameters}) {
    for (const auto& rule : *rules) {
      hash = mixed(hash, std::to_string(static_cast<int>(rule.act)));
      for (const auto& text : {path_text(rule.path), rule.value, rule.least, rule.most}) hash = mixed(hash, text);
    }
  }
  return hash;
}

bool is_redacted(const Plan& plan, uint32_t model) {
  return std::any_of(plan.candidates.begin(), plan.candidates.end(),
                     [&](const Candidate& one) { return one.model == model && one.redact != 0; });
}

}  // namespace

CacheWish cache_wish(std::string_view cache_control) {
  CacheWish wish;
  for (const auto item : split_list(cache_control)) {
    if (equals_ignoring_case(item, "no-store")) wish.look = wish.keep = false;
    if (equals_ignoring_case(item, "no-cache")) wish.look = false;
    constexpr std::string_view age = "max-age=";
    if (item.size() > age.size() && equals_ignoring_case(item.substr(0, age.size()), age)) {
      const auto number = item.substr(age.size());
      int64_t seconds = 0;
      const auto [end, fault] = std::from_chars(number.data(), number.data() + number.size(), seconds);
      if (fault == std::errc() && end == number.data() + number.size() && seconds >= 0) wish.most_age_s = seconds;
    }
  }
  return wish;
}

std::unique_ptr<AnswerKeeping> AnswerKeeping::begin(RequestContext& context, const CacheWish& wish) {
  const auto* const rules = rules_of(context);
  if (rules == nullptr) return nullptr;
  context.entry.cache = "off";
  const bool allowed =
      (context.plan.classes & ~rules->classes) == 0 && (rules->sampled || !is_sampled(context.request));
  if (!allowed || (!wish.look && !wish.keep)) return nullptr;
  const auto classes = context.snapshot().classes.join(context.plan.classes);
  const auto key = answer_key(context.request, {.key_id = context.entry.key_id,
                                                .route = context.snapshot().routes[*context.plan.route].name,
                                                .classes = classes});
  if (!key) return nullptr;
  context.entry.cache = "miss";
  return std::make_unique<AnswerKeeping>(context, wish, *key);
}

AnswerKeeping::AnswerKeeping(RequestContext& context, const CacheWish& wish, const AnswerKey& key)
    : context_(context), wish_(wish), key_(key) {}

net::Task<std::optional<AnswerKeeping::Hit>> AnswerKeeping::find(net::Cancellation& cancellation) {
  if (!wish_.look) co_return std::nullopt;
  auto& cache = *context_.worker.answers;
  const auto& route = context_.entry.route;
  auto bytes = cache.find(route, key_);
  if (!bytes && cache.has_file(route)) bytes = co_await ask_disk(cancellation);
  if (!bytes) co_return std::nullopt;
  auto hit = usable(*bytes);
  co_return hit;
}

net::Task<std::shared_ptr<const std::string>> AnswerKeeping::ask_disk(net::Cancellation& cancellation) {
  struct Shared {
    std::shared_ptr<const std::string> found;
    net::Signal* signal = nullptr;
  };
  // Nulls the pointer also where this frame is destroyed while it waits.
  struct Unlink {
    Shared& shared;
    ~Unlink() { shared.signal = nullptr; }
  };
  auto& loop = context_.worker.loop;
  const auto shared = std::make_shared<Shared>();
  net::Signal answered(loop, {.deadline_us = loop.deadline_in_ms(disk_patience_ms), .cancellation = &cancellation});
  shared->signal = &answered;
  const Unlink unlink{*shared};
  context_.worker.answers->find_on_disk(context_.entry.route, key_, [&loop, shared](auto found) {
    loop.post([shared, found = std::move(found)]() mutable {
      shared->found = std::move(found);
      if (shared->signal != nullptr) shared->signal->fire();
    });
  });
  const auto outcome = co_await answered;
  if (outcome != net::Outcome::ready) co_return nullptr;
  co_return shared->found;
}

std::optional<AnswerKeeping::Hit> AnswerKeeping::usable(std::string_view bytes) const {
  auto answer = stored_answer_of(bytes);
  if (!answer || answer->response.operation != context_.request.operation) return std::nullopt;
  const auto age_us = context_.entry.time_us - answer->made_us;
  const bool too_old =
      age_us > rules_of(context_)->ttl_ms * 1000 || (wish_.most_age_s >= 0 && age_us / 1'000'000 > wish_.most_age_s);
  if (too_old) return std::nullopt;
  for (const auto& candidate : context_.plan.candidates) {
    if (!is_kept(candidate.verdict) || candidate.redact != 0 || context_.model(candidate.model).id != answer->model)
      continue;
    if (to_string(zone_of(candidate, context_.snapshot())) != answer->zone) continue;
    if (settings_of(context_, candidate.model) != answer->settings) continue;
    return Hit{.answer = std::move(*answer), .model = candidate.model};
  }
  return std::nullopt;
}

void AnswerKeeping::take(uint32_t model, const Response& response) {
  taken_.reset();
  model_ = model;
  if (spoilt_ || !wish_.keep || !can_be_kept(response)) return;
  taken_.emplace(Response{.operation = response.operation,
                          .model = response.model,
                          .choices = response.choices,
                          .embeddings = response.embeddings,
                          .ranking = response.ranking,
                          .usage = response.usage});
}

AnswerKeeping::Stream AnswerKeeping::begin_stream() const {
  Stream stream;
  if (wish_.keep) stream.answer.emplace();
  return stream;
}

void AnswerKeeping::take(Stream& stream, std::span<const StreamEvent> events) const {
  if (!stream.answer) return;
  for (const auto& event : events) {
    stream.bytes += event.text.size() + event.tool.arguments.size() + event.logprobs.size();
    // What is too large for the shelf need not be collected.
    const bool fits = stream.bytes <= rules_of(context_)->memory_bytes / 4;
    if (event.kind == StreamEvent::Kind::other || !fits || !stream.answer->add(event)) {
      stream.answer.reset();
      return;
    }
  }
}

void AnswerKeeping::end_stream(Stream& stream, uint32_t model, const StreamState& state, const Usage& usage) {
  if (!stream.answer) return;
  auto response = stream.answer->take(context_.request.operation, state);
  stream.answer.reset();
  if (!response) return;
  response->usage = usage;
  if (response->model.empty()) response->model = context_.model(model).name;
  take(model, *response);
}

void AnswerKeeping::forget() {
  spoilt_ = true;
  taken_.reset();
}

void AnswerKeeping::keep() {
  if (!taken_ || spoilt_) return;
  // The attempt that gave it.
  const auto& attempts = context_.entry.attempts;
  const auto gave = std::find_if(attempts.rbegin(), attempts.rend(), [&](const AttemptEntry& one) {
    return one.purpose.empty() && one.outcome == "ok" && one.model == context_.entry.model;
  });
  if (gave == attempts.rend() || gave->redacted || is_redacted(context_.plan, model_)) return;
  StoredAnswer answer{.response = std::move(*taken_),
                      .model = context_.model(model_).id,
                      .zone = gave->zone,
                      .settings = settings_of(context_, model_),
                      .cost = gave->cost,
                      .made_us = context_.entry.time_us};
  context_.worker.answers->keep(context_.entry.route, key_, to_bytes(answer),
                                {.request_id = context_.entry.id, .key_id = context_.entry.key_id});
}

}  // namespace weir
