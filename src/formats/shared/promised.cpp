#include "formats/shared/promised.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/saturating.h"
#include "core/stable_hash.h"

namespace weir {
namespace {

using Kind = StreamEvent::Kind;

constexpr std::string_view nameless = "The provider's answer has a tool call without a name.";

// The same for the same call of the same answer.
std::string made_id(std::string_view answer_id, int64_t choice, int64_t number, std::string_view said) {
  return fmt::format("call_{:016x}", fnv1a(fmt::format("{}#{}#{}#{}", answer_id, choice, number, said)));
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

bool has_number(Kind kind) { return kind != Kind::lifecycle && kind != Kind::usage && kind != Kind::done; }

}  // namespace

int64_t expected_choices(const Request& request) {
  return saturating_multiply(request.n, request.operation == Operation::completion ? request.prompts : 1);
}

void PromiseKeeper::renumber(StreamEvent& event) {
  if (!single_ || !has_number(event.kind)) return;
  if (first_ < 0) first_ = event.index;
  if (event.index == first_) event.index = 0;
}

bool PromiseKeeper::take_call(std::string_view answer_id, StreamEvent& event) {
  const auto known = std::find_if(calls_.begin(), calls_.end(), [&](const Call& call) {
    return call.choice == event.index && call.number == event.tool_index;
  });
  const bool says = !is_blank(event.tool.arguments);
  if (known != calls_.end()) {
    known->named = known->named || !event.tool.name.empty();
    known->has_arguments = known->has_arguments || says;
    return false;
  }
  const bool taken = std::any_of(calls_.begin(), calls_.end(), [&](const Call& call) {
    return call.choice == event.index && call.id == event.tool.id;
  });
  const bool lacking = event.tool.id.empty() || taken;
  if (lacking) event.tool.id = made_id(answer_id, event.index, event.tool_index, event.tool.id);
  calls_.push_back({.choice = event.index,
                    .number = event.tool_index,
                    .id = event.tool.id,
                    .named = !event.tool.name.empty(),
                    .has_arguments = says});
  return lacking;
}

bool PromiseKeeper::end_calls(std::vector<StreamEvent>& out, std::size_t& at) {
  bool added = false;
  for (auto& call : calls_) {
    StreamEvent event{.kind = Kind::tool_call, .index = call.choice, .tool_index = call.number};
    if (call.has_arguments && !call.named) {
      event = {.kind = Kind::error, .error = {.code = ErrorCode::upstream_malformed, .message = std::string(nameless)}};
    } else if (!call.has_arguments && call.named) {
      event.tool.arguments = "{}";
    } else {
      continue;
    }
    call.has_arguments = call.named = true;
    out.insert(out.begin() + static_cast<std::ptrdiff_t>(at++), std::move(event));
    added = true;
  }
  return added;
}

bool PromiseKeeper::keep(std::string_view answer_id, std::vector<StreamEvent>& out, std::size_t from) {
  bool changed = false;
  for (auto at = from; at < out.size(); ++at) {
    renumber(out[at]);
    if (out[at].kind == Kind::tool_call) changed = take_call(answer_id, out[at]) || changed;
    if (calls_.empty()) continue;
    if (out[at].kind == Kind::done) changed = end_calls(out, at) || changed;
    if (out[at].kind != Kind::finish) continue;
    const auto choice = out[at].index;
    const bool calls =
        std::any_of(calls_.begin(), calls_.end(), [&](const Call& call) { return call.choice == choice; });
    // What a call lacks is known when nothing follows: some say `stop` with every piece.
    if (calls && out[at].finish == FinishReason::stop) out[at].finish = FinishReason::tool_calls;
  }
  return changed;
}

Result<bool> keep_promises(Response& response, int64_t choices) {
  bool changed = false;
  if (choices == 1 && response.choices.size() == 1) response.choices.front().index = 0;
  for (auto& choice : response.choices) {
    std::vector<std::string_view> ids;
    int64_t number = 0;
    for (auto& part : choice.parts) {
      if (part.kind != Part::Kind::tool_call) continue;
      auto& call = part.call;
      if (call.name.empty()) return failure(ErrorCode::upstream_malformed, std::string(nameless));
      const bool lacking = call.id.empty() || std::find(ids.begin(), ids.end(), call.id) != ids.end();
      if (lacking) call.id = made_id(response.id, choice.index, number, call.id);
      changed = changed || lacking || is_blank(call.arguments);
      if (is_blank(call.arguments)) call.arguments = "{}";
      ids.push_back(call.id);
      ++number;
    }
    const bool ended = choice.finish == FinishReason::none || choice.finish == FinishReason::stop;
    if (number > 0 && ended && !choice.has_other) choice.finish = FinishReason::tool_calls;
  }
  return changed;
}

}  // namespace weir
