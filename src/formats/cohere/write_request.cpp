// Request → bodies of Cohere's API, from canonical form.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/role_name.h"
#include "formats/cohere/model_face.h"
#include "formats/shared/tool_result.h"
#include "formats/shared/translation.h"

namespace weir::cohere_provider {
namespace {

using Kind = Part::Kind;

constexpr std::size_t most_stops = 5;
constexpr std::size_t most_texts = 96;

// What an embedding is for, in Cohere's words and in Gemini's.
std::string_view input_type(std::string_view task) {
  struct Task {
    std::string_view said;
    std::string_view means;
  };
  constexpr std::array tasks = {Task{"search_query", "search_query"},
                                Task{"classification", "classification"},
                                Task{"clustering", "clustering"},
                                Task{"RETRIEVAL_QUERY", "search_query"},
                                Task{"QUESTION_ANSWERING", "search_query"},
                                Task{"FACT_VERIFICATION", "search_query"},
                                Task{"CODE_RETRIEVAL_QUERY", "search_query"},
                                Task{"CLASSIFICATION", "classification"},
                                Task{"CLUSTERING", "clustering"}};
  const auto* const found = std::find_if(tasks.begin(), tasks.end(), [&](const Task& one) { return one.said == task; });
  return found == tasks.end() ? std::string_view("search_document") : found->means;
}

class BodyWriter {
 public:
  BodyWriter(const Request& request, const Target& target, std::string& out)
      : request_(request), target_(target), writer_(out) {}

  Status chat() {
    if (auto fits = check(); !fits) return fits;
    begin();
    writer_.key("messages").begin_array();
    for (std::size_t i = 0; i < request_.messages.size(); ++i) {
      if (auto written = message(i); !written) return written;
    }
    writer_.end_array();
    if (auto written = tools(); !written) return written;
    format();
    sampling();
    thinking();
    if (request_.logprobs) writer_.key("logprobs").boolean(true);
    writer_.key("stream").boolean(request_.stream).end_object();
    return {};
  }

  Status embedding() {
    if (request_.inputs_are_tokens) return failure(unsupported("Cohere embeds texts, not token ids.", "input"));
    if (request_.inputs.size() > most_texts) {
      return failure(unsupported(fmt::format("Cohere embeds at most {} texts at once.", most_texts), "input"));
    }
    begin();
    list("texts", request_.inputs);
    writer_.key("input_type").value(input_type(request_.task));
    writer_.key("embedding_types").begin_array().value("float").end_array();
    if (request_.dimensions) writer_.key("output_dimension").value(*request_.dimensions);
    writer_.key("truncate").value("NONE").end_object();
    return {};
  }

  Status rerank() {
    begin();
    writer_.key("query").value(request_.rerank.query);
    list("documents", request_.rerank.documents);
    if (request_.rerank.top_n) writer_.key("top_n").value(*request_.rerank.top_n);
    writer_.end_object();
    return {};
  }

 private:
  void begin() { writer_.begin_object().key("model").value(target_.model.name); }

  void list(std::string_view key, const std::vector<std::string_view>& texts) {
    writer_.key(key).begin_array();
    for (const auto text : texts) writer_.value(text);
    writer_.end_array();
  }

  [[nodiscard]] Status check() const {
    const auto refuse = [](std::string message, std::string param) -> Status {
      return failure(unsupported(std::move(message), std::move(param)));
    };
    if (request_.n != 1) return refuse("Cohere gives one answer a request: 'n' must be 1.", "n");
    if (request_.top_logprobs.value_or(0) > 0) {
      return refuse("Cohere gives no alternatives of tokens: 'top_logprobs' must be 0.", "top_logprobs");
    }
    if (request_.stop.size() > most_stops) {
      return refuse(fmt::format("Cohere takes at most {} stop sequences.", most_stops), "stop");
    }
    if (request_.tools.empty()) return {};
    if (request_.response_format != ResponseFormat::text) {
      return refuse("Cohere takes either tools or a form of the answer, not both.", "response_format");
    }
    if (!request_.parallel_tool_calls.value_or(true)) {
      return refuse("Cohere's models may call several tools at once: 'parallel_tool_calls' cannot be false.",
                    "parallel_tool_calls");
    }
    return {};
  }

  Status message(std::size_t index) {
    const auto& message = request_.messages[index];
    writer_.begin_object().key("role").value(common_role_name(message.role));
    auto written = message.role == Role::assistant ? assistant(index) : said(index);
    if (!written) return written;
    if (message.role == Role::tool) writer_.key("tool_call_id").value(message.tool_call_id);
    writer_.end_object();
    return {};
  }

  // What others say: a text, or a list where there are images.
  Status said(std::size_t index) {
    const auto& message = request_.messages[index];
    for (std::size_t i = 0; i < message.parts.size(); ++i) {
      if (auto fits = check(message, i, fmt::format("messages[{}].content[{}]", index, i)); !fits) return fits;
    }
    const bool has_media = std::any_of(message.parts.begin(), message.parts.end(),
                                       [](const Part& part) { return part.kind == Kind::media; });
    writer_.key("content");
    if (!has_media) {
      std::string buffer;
      writer_.value(result_text(message, buffer));
      return {};
    }
    writer_.begin_array();
    for (const auto& part : message.parts) {
      if (is_text(part)) block("text", part.text);
      if (part.kind == Kind::media) image(part.media);
    }
    writer_.end_array();
    return {};
  }

  [[nodiscard]] static Status check(const Message& message, std::size_t at, const std::string& place) {
    const auto& part = message.parts[at];
    if (part.kind == Kind::media && part.media.kind != Media::Kind::image) {
      return failure(unsupported("Cohere takes text and images; this part is neither.", place));
    }
    if (part.kind == Kind::media && message.role != Role::user) {
      return failure(unsupported("Cohere takes images from the user only.", place));
    }
    if (part.kind == Kind::media && part.media.data.empty() && part.media.url.empty()) {
      return failure(unsupported("A file that another provider keeps cannot be sent to Cohere.", place));
    }
    return {};
  }

  Status assistant(std::size_t index) {
    const auto& message = request_.messages[index];
    const bool calls = message.has_calls();
    std::string plan;
    std::string blocks;
    json::Writer inner(blocks);
    inner.begin_array();
    for (std::size_t i = 0; i < message.parts.size(); ++i) {
      const auto& part = message.parts[i];
      if (part.kind == Kind::media) {
        return failure(
            unsupported("Cohere takes images from the user only.", fmt::format("messages[{}].content[{}]", index, i)));
      }
      if (part.text.empty() || part.kind == Kind::tool_call) continue;
      if (part.kind == Kind::thinking) {
        write_block(inner, "thinking", part.text);
      } else if (calls) {
        plan += part.text;
      } else {
        write_block(inner, "text", part.text);
      }
    }
    inner.end_array();
    if (blocks == "[]") {
      if (!calls) writer_.key("content").value("");
    } else {
      writer_.key("content").raw(blocks);
    }
    if (!plan.empty()) writer_.key("tool_plan").value(plan);
    if (calls) tool_calls(message);
    return {};
  }

  void tool_calls(const Message& message) {
    writer_.key("tool_calls").begin_array();
    for (const auto& call : message.parts) {
      if (call.kind != Kind::tool_call) continue;
      writer_.begin_object().key("id").value(call.id).key("type").value("function");
      writer_.key("function").begin_object().key("name").value(call.name);
      writer_.key("arguments").value(call.text.empty() ? std::string_view("{}") : call.text);
      writer_.end_object().end_object();
    }
    writer_.end_array();
  }

  static void write_block(json::Writer& writer, std::string_view type, std::string_view text) {
    writer.begin_object().key("type").value(type).key(type).value(text).end_object();
  }
  void block(std::string_view type, std::string_view text) { write_block(writer_, type, text); }

  void image(const Media& media) {
    writer_.begin_object().key("type").value("image_url").key("image_url").begin_object();
    writer_.key("url").value(url_of(media));
    if (media.detail == "low" || media.detail == "high" || media.detail == "auto") {
      writer_.key("detail").value(media.detail);
    }
    writer_.end_object().end_object();
  }

  Status tools() {
    if (request_.tools.empty()) return {};
    const auto& choice = request_.tool_choice;
    const bool named = choice.mode == ToolChoice::Mode::named;
    if (named && (request_.tools.size() != 1 || request_.tools.front().name != choice.name)) {
      return failure(unsupported("Cohere can be told to call a tool, but not which one.", "tool_choice"));
    }
    writer_.key("tools").begin_array();
    for (const auto& tool : request_.tools) write_tool(tool);
    writer_.end_array();
    // It holds for all of them there.
    if (std::any_of(request_.tools.begin(), request_.tools.end(),
                    [](const Tool& tool) { return tool.strict.value_or(false); })) {
      writer_.key("strict_tools").boolean(true);
    }
    if (named || choice.mode == ToolChoice::Mode::any) writer_.key("tool_choice").value("REQUIRED");
    if (choice.mode == ToolChoice::Mode::none) writer_.key("tool_choice").value("NONE");
    return {};
  }

  void write_tool(const Tool& tool) {
    writer_.begin_object().key("type").value("function").key("function").begin_object().key("name").value(tool.name);
    if (!tool.description.empty()) writer_.key("description").value(tool.description);
    writer_.key("parameters");
    if (tool.parameters) {
      writer_.value(*tool.parameters);
    } else {
      writer_.raw(R"({"type":"object","properties":{}})");
    }
    writer_.end_object().end_object();
  }

  void format() {
    if (request_.response_format == ResponseFormat::text) return;
    writer_.key("response_format").begin_object().key("type").value("json_object");
    if (request_.json_schema) writer_.key("json_schema").value(*request_.json_schema);
    writer_.end_object();
  }

  void bounded(std::string_view key, const std::optional<double>& value, double least, double most) {
    if (value) writer_.key(key).value(std::clamp(*value, least, most));
  }

  void sampling() {
    bounded("temperature", request_.temperature, 0, 1);
    bounded("p", request_.top_p, 0.01, 0.99);
    bounded("frequency_penalty", request_.frequency_penalty, 0, 1);
    bounded("presence_penalty", request_.presence_penalty, 0, 1);
    if (request_.top_k) writer_.key("k").value(std::clamp<int64_t>(*request_.top_k, 0, 500));
    if (request_.seed.value_or(-1) >= 0) writer_.key("seed").value(*request_.seed);
    if (request_.max_tokens) writer_.key("max_tokens").value(*request_.max_tokens);
    if (!request_.stop.empty()) list("stop_sequences", request_.stop);
  }

  // On by default, without a budget.
  void thinking() {
    auto tokens = request_.thinking_tokens;
    if (!request_.reasoning_effort.empty()) tokens = thinking_tokens_of(request_.reasoning_effort);
    if (!tokens) return;
    writer_.key("thinking").begin_object().key("type").value(*tokens == 0 ? "disabled" : "enabled");
    if (*tokens > 0) writer_.key("token_budget").value(*tokens);
    writer_.end_object();
  }

  const Request& request_;
  const Target& target_;
  json::Writer writer_;
};

}  // namespace

Result<std::string> translate_body(const Request& request, const Target& target) {
  if (request.document && request.document->left_out() > 0) {
    return failure(unsupported("Lists of thousands of numbers are not translated to Cohere's format.", ""));
  }
  std::string out;
  out.reserve(request.text_bytes + 512);
  BodyWriter body(request, target, out);
  Status written;
  if (request.operation == Operation::embedding) {
    written = body.embedding();
  } else if (request.operation == Operation::rerank) {
    written = body.rerank();
  } else {
    written = body.chat();
  }
  if (!written) return failure(std::move(written.error()));
  return out;
}

}  // namespace weir::cohere_provider
