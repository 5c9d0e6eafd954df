#include "formats/responses/response_object.h"

#include "core/saturating.h"

namespace weir::responses {
namespace {

// What the request has under a name, as JSON without blanks (an event is one line); "" when it has nothing there.
std::string said(const Request& request, std::string_view key) {
  if (request.document == nullptr) return {};
  const std::string_view text = request.document->text();
  for (const auto& field : request.fields()) {
    if (field.key != key || field.value_end > text.size()) continue;
    const auto value = text.substr(field.value_begin, field.value_end - field.value_begin);
    if (value == "null") return {};
    std::string out(value.size() + simdjson::SIMDJSON_PADDING, '\0');
    std::size_t length = 0;
    if (simdjson::minify(value.data(), value.size(), out.data(), length) != simdjson::SUCCESS) return {};
    out.resize(length);
    return out;
  }
  return {};
}

std::string said_or(const Request& request, std::string_view key, std::string_view otherwise) {
  auto text = said(request, key);
  return text.empty() ? std::string(otherwise) : text;
}

// A function as answers show it: with all that has a default.
std::string shown_tool(std::string_view tool) {
  std::string out(tool);
  if (json::member(tool, "type") != R"("function")") return out;
  for (const std::string_view name : {"strict", "parameters", "description"}) {
    if (!json::member(tool, name).empty()) continue;
    out.pop_back();
    out.append(",\"").append(name).append("\":null}");
  }
  return out;
}

std::string shown_tools(const Request& request) {
  const auto tools = said(request, "tools");
  if (!tools.starts_with('[')) return "[]";
  std::string out;
  for (const auto tool : json::elements(tools)) out.append(out.empty() ? "" : ",").append(shown_tool(tool));
  return "[" + out + "]";
}

// With the format that is meant where none is said.
std::string shown_text(const Request& request) {
  auto text = said(request, "text");
  if (!text.starts_with('{')) text = "{}";
  const auto format = json::member(text, "format");
  if (!format.empty() && format != "null") return text;
  return std::string(R"({"format":{"type":"text"})")
      .append(text == "{}" || !format.empty() ? "}" : "," + text.substr(1));
}

std::string shown_number(const std::optional<double>& number, double otherwise) {
  std::string out;
  json::Writer(out).value(number.value_or(otherwise));
  return out;
}

std::string_view error_code(const Error& error) {
  switch (error.code) {
    case ErrorCode::rate_limited:
    case ErrorCode::upstream_rate_limited:
      return "rate_limit_exceeded";
    case ErrorCode::budget_exceeded:
      return "insufficient_quota";
    case ErrorCode::context_overflow:
      return "context_length_exceeded";
    case ErrorCode::invalid_request:
    case ErrorCode::upstream_rejected:
    case ErrorCode::content_filtered:
      return "invalid_prompt";
    default:
      return "server_error";
  }
}

void write_usage(json::Writer& writer, const Usage& usage) {
  writer.begin_object().key("input_tokens").value(usage.input);
  writer.key("input_tokens_details").begin_object().key("cached_tokens").value(usage.cached);
  writer.key("cache_write_tokens").value(usage.written).end_object();
  writer.key("output_tokens").value(usage.output);
  writer.key("output_tokens_details").begin_object().key("reasoning_tokens").value(usage.reasoning).end_object();
  writer.key("total_tokens").value(saturating_add(usage.input, usage.output)).end_object();
}

}  // namespace

Outcome outcome_of(FinishReason finish) {
  if (finish == FinishReason::length) return {.status = "incomplete", .incomplete = "max_output_tokens"};
  if (finish == FinishReason::content_filter) return {.status = "incomplete", .incomplete = "content_filter"};
  return {.status = "completed"};
}

ResponseObject::ResponseObject(const Request& request) {
  const auto add = [&](std::string_view key, std::string_view json) {
    if (!repeated_.empty()) repeated_ += ',';
    repeated_.append("\"").append(key).append("\":").append(json);
  };
  add("background", "false");
  add("instructions", said_or(request, "instructions", "null"));
  add("max_output_tokens", said_or(request, "max_output_tokens", "null"));
  add("max_tool_calls", said_or(request, "max_tool_calls", "null"));
  add("parallel_tool_calls", request.parallel_tool_calls.value_or(true) ? "true" : "false");
  add("previous_response_id", "null");
  add("reasoning", said_or(request, "reasoning", R"({"effort":null,"summary":null})"));
  add("store", "false");
  add("temperature", shown_number(request.temperature, 1));
  add("text", shown_text(request));
  add("tool_choice", said_or(request, "tool_choice", R"("auto")"));
  add("tools", shown_tools(request));
  add("top_logprobs", said_or(request, "top_logprobs", "0"));
  add("top_p", shown_number(request.top_p, 1));
  add("truncation", R"("disabled")");
  const auto metadata = said(request, "metadata");
  add("metadata", metadata.starts_with('{') ? std::string_view(metadata) : std::string_view("{}"));
}

std::string ResponseObject::write(std::string_view id, std::string_view model, int64_t created,
                                  std::span<const std::string> items, const Outcome& outcome) const {
  std::string out;
  out.reserve(repeated_.size() + 1024);
  json::Writer writer(out);
  writer.begin_object().key("id").value(id).key("object").value("response").key("created_at").value(created);
  writer.key("status").value(outcome.status).key("error");
  if (outcome.error != nullptr) {
    writer.begin_object().key("code").value(error_code(*outcome.error));
    writer.key("message").value(outcome.error->message).end_object();
  } else {
    writer.null();
  }
  writer.key("incomplete_details");
  if (outcome.incomplete.empty()) {
    writer.null();
  } else {
    writer.begin_object().key("reason").value(outcome.incomplete).end_object();
  }
  writer.key("model").value(model).key("output").begin_array();
  for (const auto& item : items) writer.raw(item);
  writer.end_array();
  if (outcome.usage != nullptr) {
    writer.key("usage");
    write_usage(writer, *outcome.usage);
  }
  out.append(",").append(repeated_).append("}");
  return out;
}

}  // namespace weir::responses
