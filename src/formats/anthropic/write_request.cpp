// Canonical form → a body in Anthropic's format, for requests that came in another one: settings and tools.
#include <fmt/format.h>

#include "formats/anthropic/model_face.h"
#include "formats/anthropic/request_writer.h"
#include "formats/anthropic/schema.h"
#include "formats/anthropic/wire.h"
#include "formats/shared/signature.h"
#include "formats/shared/translation.h"

namespace weir::anthropic {
namespace {

constexpr int64_t least_budget = 1'024;     // of thinking, by the format
constexpr int64_t usual_budget = 8'192;     // where somebody asks for thoughts without saying how many
constexpr int64_t most_by_itself = 32'000;  // tokens of an answer that nobody bounded
// Anthropic's own clients stream an answer that may take ten minutes, so that no connection is idle for that long.
constexpr int64_t longest_whole = 21'333;
constexpr std::size_t cache_marks = 4;

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos; }

std::size_t count_marks(const Request& request) {
  std::size_t count = 0;
  for (const auto& tool : request.tools) count += tool.cache ? 1 : 0;
  for (const auto& message : request.messages) {
    for (const auto& part : message.parts) count += part.cache ? 1 : 0;
  }
  return count;
}

}  // namespace

bool has_thoughts_of_turn(const Request& request) {
  const auto& messages = request.messages;
  const auto is_assistant = [](const Message& message) { return message.role == Role::assistant; };
  const auto end = std::find_if(messages.rbegin(), messages.rend(), is_assistant);
  const auto begin = std::find_if_not(end, messages.rend(), is_assistant);
  const bool calls = std::any_of(end, begin, [](const Message& message) { return message.has_calls(); });
  return !calls || std::any_of(end, begin, [&](const Message& message) {
    return std::any_of(message.parts.begin(), message.parts.end(), [&](const Part& part) {
      return part.kind == Part::Kind::thinking && !signature_for(part.signature, request.format, format_name).empty();
    });
  });
}

RequestWriter::RequestWriter(const Request& request, const Target& target, std::string_view prefill, std::string& out)
    : request_(request), target_(target), prefill_(prefill), traits_(traits_of(target.model.name)), writer_(out) {
  const auto marks = count_marks(request);
  marks_over_ = marks > cache_marks ? marks - cache_marks : 0;
  while (leading_ < request.messages.size() &&
         (request.messages[leading_].role == Role::system || request.messages[leading_].role == Role::developer)) {
    ++leading_;
  }
  max_tokens_ = output_limit();
  plan_thinking();
}

Status RequestWriter::check() const {
  if (request_.operation != Operation::chat) return failure(unsupported("Anthropic's format serves chats only.", {}));
  if (request_.n != 1)
    return failure(unsupported("Anthropic's format gives one answer a request: 'n' must be 1.", "n"));
  if (request_.logprobs || request_.top_logprobs)
    return failure(unsupported("Anthropic's format has no log probabilities.", "logprobs"));
  if (request_.document && request_.document->left_out() > 0)
    return failure(unsupported("Lists of thousands of numbers are not translated to Anthropic's format.", {}));
  const bool last_is_assistant = !request_.messages.empty() && request_.messages.back().role == Role::assistant;
  if (last_is_assistant && !traits_.prefill) {
    return failure(
        unsupported("This model does not go on with an assistant's message: the last one must be the user's.",
                    fmt::format("messages[{}]", request_.messages.size() - 1)));
  }
  return {};
}

// The format has no `as long as it takes`.
int64_t RequestWriter::output_limit() const {
  const auto most = target_.model.max_output;
  if (request_.max_tokens) return most > 0 ? std::min(*request_.max_tokens, most) : *request_.max_tokens;
  return within_context(most > 0 ? std::min(most, most_by_itself) : traits_.usual_output);
}

// Servers that check it refuse a prompt and an answer that are together longer than the context.
int64_t RequestWriter::within_context(int64_t limit) const {
  constexpr int64_t least = 256;
  const auto context = target_.model.context_length;
  return context > 0 ? std::min(limit, std::max(context - request_.estimated_input_tokens(), least)) : limit;
}

// Whoever is made to call a tool, or to go on with a text, cannot think first; and by a budget, nobody goes on thinking
// whose thoughts did not come along.
void RequestWriter::plan_thinking() {
  const auto effort = request_.reasoning_effort;
  const auto& tokens = request_.thinking_tokens;
  if (effort.empty() && !tokens) return;
  if (effort == "none" || (tokens && *tokens == 0)) {
    thinking_.off = true;
    return;
  }
  const auto forced = request_.tool_choice.mode;
  const bool is_forced =
      !request_.tools.empty() && (forced == ToolChoice::Mode::any || forced == ToolChoice::Mode::named);
  const bool goes_on =
      !prefill_.empty() || (!request_.messages.empty() && request_.messages.back().role == Role::assistant);
  if (traits_.adaptive) {
    thinking_.effort = effort.empty() ? effort_of(*tokens) : effort;
    thinking_.on = !is_forced && !goes_on;
  } else if (traits_.budget && !is_forced && !goes_on && has_thoughts_of_turn(request_)) {
    const auto said = tokens && *tokens > 0 ? *tokens : thinking_tokens_of(effort);
    plan_budget(said > 0 ? said : usual_budget);
  }
}

// Thoughts count as output, and must leave room for an answer.
void RequestWriter::plan_budget(int64_t wanted) {
  const auto most = target_.model.max_output;
  if (!request_.max_tokens) {
    max_tokens_ = within_context(max_tokens_ + wanted);
    if (most > 0) max_tokens_ = std::min(max_tokens_, most);
  }
  const auto budget = std::min(std::max(wanted, least_budget), max_tokens_ - max_tokens_ / 4 - 1);
  if (budget < least_budget) return;
  thinking_.on = true;
  thinking_.budget = budget;
}

Status RequestWriter::write() {
  if (auto fits = check(); !fits) return fits;
  const bool streams = request_.stream || max_tokens_ > longest_whole;
  writer_.begin_object().key("model").value(target_.model.name).key("max_tokens").value(max_tokens_);
  if (auto named = call_ids_.read(request_.messages); !named) return named;
  tools();
  if (auto written = system(); !written) return written;
  if (auto written = messages(); !written) return written;
  if (auto written = stops(); !written) return written;
  sampling();
  thinking();
  if (auto written = output_config(); !written) return written;
  if (streams) writer_.key("stream").boolean(true);
  writer_.end_object();
  return {};
}

Status RequestWriter::stops() {
  if (request_.stop.empty()) return {};
  writer_.key("stop_sequences").begin_array();
  for (std::size_t i = 0; i < request_.stop.size(); ++i) {
    if (traits_.claude && is_blank(request_.stop[i]))
      return failure(unsupported("This model does not stop at blanks.", fmt::format("stop[{}]", i)));
    writer_.value(request_.stop[i]);
  }
  writer_.end_array();
  return {};
}

void RequestWriter::sampling() {
  if (!traits_.sampling || (traits_.claude && target_.provider.quirks.anthropic_2026)) return;
  // Whoever thinks does so at its own temperature.
  const bool thinks = thinking_.on && traits_.claude;
  const bool has_temperature = request_.temperature && !thinks;
  if (has_temperature) writer_.key("temperature").value(std::clamp(*request_.temperature, 0.0, 1.0));
  constexpr double least_while_thinking = 0.95;
  const bool has_top_p = request_.top_p && !(thinks && *request_.top_p < least_while_thinking) &&
                         !(has_temperature && traits_.one_sampling);
  if (has_top_p) writer_.key("top_p").value(std::clamp(*request_.top_p, 0.0, 1.0));
  if (request_.top_k && *request_.top_k > 0 && !thinks) writer_.key("top_k").value(*request_.top_k);
}

void RequestWriter::tools() {
  if (request_.tools.empty()) return;
  writer_.key("tools").begin_array();
  for (const auto& one : request_.tools) tool(one);
  writer_.end_array();
  tool_choice();
}

void RequestWriter::tool(const Tool& tool) {
  writer_.begin_object().key("name").value(spell(tool.name));
  if (!tool.description.empty()) writer_.key("description").value(tool.description);
  writer_.key("input_schema");
  write_input_schema(writer_, tool.parameters);
  if (tool.strict && traits_.schemas) writer_.key("strict").boolean(*tool.strict);
  cache_mark(tool.cache);
  writer_.end_object();
}

void RequestWriter::tool_choice() {
  using Mode = ToolChoice::Mode;
  const auto mode = request_.tool_choice.mode;
  const bool alone = request_.parallel_tool_calls && !*request_.parallel_tool_calls;
  if ((mode == Mode::unset && !alone) || mode == Mode::foreign) return;
  writer_.key("tool_choice").begin_object().key("type");
  if (mode == Mode::none) {
    writer_.value("none").end_object();
    return;
  }
  if (mode == Mode::named) {
    writer_.value("tool").key("name").value(spell(request_.tool_choice.name));
  } else {
    writer_.value(mode == Mode::any ? "any" : "auto");
  }
  if (request_.parallel_tool_calls) writer_.key("disable_parallel_tool_use").boolean(alone);
  writer_.end_object();
}

void RequestWriter::thinking() {
  if (thinking_.off && (traits_.adaptive || !traits_.claude)) {
    writer_.key("thinking").begin_object().key("type").value("disabled").end_object();
  }
  if (!thinking_.on) return;
  writer_.key("thinking").begin_object();
  if (thinking_.budget > 0) {
    writer_.key("type").value("enabled").key("budget_tokens").value(thinking_.budget);
  } else {
    writer_.key("type").value("adaptive");
    if (request_.show_thinking) writer_.key("display").value(*request_.show_thinking ? "summarized" : "omitted");
  }
  writer_.end_object();
}

Status RequestWriter::output_config() {
  if (request_.response_format == ResponseFormat::json_object ||
      (request_.response_format == ResponseFormat::json_schema && !request_.json_schema)) {
    return failure(unsupported("Anthropic's format gives JSON by a schema only: say which.", "response_format"));
  }
  const bool schema = request_.response_format == ResponseFormat::json_schema;
  if (schema && !traits_.schemas)
    return failure(unsupported("This model does not hold its answer to a schema.", "response_format"));
  auto effort = thinking_.effort;
  if (effort == "minimal") effort = "low";
  if (effort == "xhigh" && !traits_.top_effort) effort = "high";
  if (!schema && effort.empty()) return {};
  writer_.key("output_config").begin_object();
  if (!effort.empty()) writer_.key("effort").value(effort);
  if (schema) {
    writer_.key("format").begin_object().key("type").value("json_schema").key("schema");
    if (traits_.claude) {
      write_closed_schema(writer_, *request_.json_schema);
    } else {
      writer_.value(*request_.json_schema);
    }
    writer_.end_object();
  }
  writer_.end_object();
  return {};
}

Result<std::string> translate_body(const Request& request, const Target& target, std::string_view prefill) {
  std::string out;
  out.reserve(request.text_bytes + 512);
  RequestWriter writer(request, target, prefill, out);
  if (auto written = writer.write(); !written) return failure(std::move(written.error()));
  return out;
}

}  // namespace weir::anthropic
