// Request → path, credential and body of Converse.
#include <algorithm>

#include <fmt/format.h>

#include "formats/bedrock/model_face.h"
#include "formats/bedrock/sigv4.h"
#include "formats/shared/call_id.h"
#include "formats/shared/query.h"
#include "formats/shared/signature.h"
#include "formats/shared/translation.h"

namespace weir::bedrock {
namespace {

constexpr int64_t least_thinking = 1'024;
constexpr std::size_t most_stops = 2'500;

// How a model of Claude's is told to think; `effort` "" = as much as it likes.
struct Thinking {
  enum class Mode : uint8_t { unset, off, budget, adaptive };
  Mode mode = Mode::unset;
  int64_t tokens = 0;
  std::string_view effort;

  [[nodiscard]] bool on() const { return mode == Mode::budget || mode == Mode::adaptive; }
};

// The turn that is going on has called tools, and the thoughts before the calls have no seal of Bedrock's: such a turn
// cannot go on with thoughts.
bool has_lost_seals(const Request& request) {
  for (std::size_t i = request.messages.size(); i-- > 0;) {
    const auto& message = request.messages[i];
    if (message.role == Role::user) return false;
    if (message.role != Role::assistant || !message.has_calls()) continue;
    return std::none_of(message.parts.begin(), message.parts.end(), [&](const Part& part) {
      return part.kind == Part::Kind::thinking && !signature_for(part.signature, request.format, name).empty();
    });
  }
  return false;
}

Thinking thinking_of(const Request& request, const ModelFamily& family) {
  using Mode = Thinking::Mode;
  if (request.reasoning_effort.empty() && !request.thinking_tokens) return {};
  if (!family.is_claude_since(first_that_thinks)) return {};
  const auto tokens = request.thinking_tokens.value_or(thinking_tokens_of(request.reasoning_effort));
  if (tokens == 0) return {.mode = family.is_claude_since(first_adaptive) ? Mode::off : Mode::unset};
  const auto choice = request.tool_choice.mode;
  if (choice == ToolChoice::Mode::any || choice == ToolChoice::Mode::named || has_lost_seals(request)) return {};
  if (family.is_claude_since(first_adaptive)) {
    auto effort = request.reasoning_effort.empty() ? effort_of(tokens) : request.reasoning_effort;
    if (effort == "minimal") effort = "low";
    if (effort == "xhigh" && !family.is_claude_since(first_without_sampling)) effort = "high";
    return {.mode = Mode::adaptive, .tokens = tokens, .effort = effort};
  }
  auto budget = std::max(tokens < 0 ? thinking_tokens_of("medium") : tokens, least_thinking);
  if (request.max_tokens) budget = std::min(budget, *request.max_tokens - 1);
  if (budget < least_thinking) return {};
  return {.mode = Mode::budget, .tokens = budget, .effort = {}};
}

class Body {
 public:
  Body(const Request& request, std::string_view model, std::string& out)
      : request_(request), family_(family_of(model)), thinking_(thinking_of(request, family_)), writer_(out) {}

  Status write(std::string_view prefill) {
    if (auto fits = check(); !fits) return fits;
    writer_.begin_object();
    if (auto written = write_conversation(writer_, request_, family_, prefill); !written) return written;
    inference();
    if (auto written = tools(); !written) return written;
    additional();
    output();
    writer_.end_object();
    return {};
  }

 private:
  [[nodiscard]] Status check() const {
    const auto refuse = [](std::string message, std::string param) {
      return failure(unsupported(std::move(message), std::move(param)));
    };
    if (request_.n != 1) return refuse("Bedrock gives one answer a request: 'n' must be 1.", "n");
    if (request_.logprobs || request_.top_logprobs) return refuse("Bedrock gives no log probabilities.", "logprobs");
    if (request_.temperature && (*request_.temperature < 0 || *request_.temperature > 1) && takes_sampling()) {
      return refuse("Bedrock takes a temperature from 0 to 1.", "temperature");
    }
    if (request_.stop.size() > most_stops) {
      return refuse(fmt::format("Bedrock takes {} stop sequences at most.", most_stops), "stop");
    }
    if (request_.response_format != ResponseFormat::text && !request_.json_schema) {
      return refuse("Bedrock gives JSON by a schema only.", "response_format");
    }
    if (request_.document && request_.document->left_out() > 0) {
      return refuse("Lists of thousands of numbers are not translated to Bedrock's format.", "");
    }
    return {};
  }

  [[nodiscard]] bool takes_sampling() const {
    return !thinking_.on() && !family_.is_claude_since(first_without_sampling);
  }

  void inference() {
    const bool stops = std::any_of(request_.stop.begin(), request_.stop.end(), [](auto stop) { return !stop.empty(); });
    const bool sampled = takes_sampling() && (request_.temperature || request_.top_p);
    if (!request_.max_tokens && !sampled && !stops) return;
    writer_.key("inferenceConfig").begin_object();
    if (request_.max_tokens) writer_.key("maxTokens").value(*request_.max_tokens);
    if (sampled && request_.temperature) writer_.key("temperature").value(*request_.temperature);
    if (sampled && request_.top_p) writer_.key("topP").value(*request_.top_p);
    if (stops) {
      writer_.key("stopSequences").begin_array();
      for (const auto stop : request_.stop) {
        if (!stop.empty()) writer_.value(stop);
      }
      writer_.end_array();
    }
    writer_.end_object();
  }

  // Converse itself knows neither `none` nor "one call at a time"; Claude does, in its own words.
  [[nodiscard]] bool chooses_natively() const {
    if (request_.tools.empty() && !has_tool_turns(request_)) return false;
    const bool one_at_a_time =
        request_.parallel_tool_calls && !*request_.parallel_tool_calls && !request_.tools.empty();
    return is_none() || one_at_a_time;
  }
  [[nodiscard]] bool is_none() const {
    return request_.tool_choice.mode == ToolChoice::Mode::none || request_.tools.empty();
  }

  Status tools() {
    const bool used = has_tool_turns(request_);
    if (!used && is_none()) return {};
    if (chooses_natively() && !family_.is_claude_since(first_with_tool_choices)) {
      if (!is_none()) {
        return failure(
            unsupported("Bedrock cannot hold this model to one tool call at a time.", "parallel_tool_calls"));
      }
      return failure(
          unsupported("Bedrock wants tools that were called declared, and cannot keep this model from calling "
                      "them again.",
                      request_.tools.empty() ? "tools" : "tool_choice"));
    }
    writer_.key("toolConfig").begin_object().key("tools").begin_array();
    for (std::size_t i = 0; i < request_.tools.size(); ++i) {
      if (auto written = tool(i); !written) return written;
    }
    if (request_.tools.empty()) tools_of_turns();
    writer_.end_array();
    if (!chooses_natively()) tool_choice();
    writer_.end_object();
    return {};
  }

  Status tool(std::size_t index) {
    const auto& tool = request_.tools[index];
    if (!fits(tool.name, {.at_least = 1, .at_most = 64, .besides = "_-"})) {
      return failure(unsupported("Bedrock takes names of tools of 1 to 64 letters, digits, '_' and '-'.",
                                 fmt::format("tools[{}].name", index)));
    }
    writer_.begin_object().key("toolSpec").begin_object().key("name").value(tool.name);
    if (!tool.description.empty()) writer_.key("description").value(tool.description);
    writer_.key("inputSchema").begin_object().key("json");
    if (tool.parameters) {
      writer_.value(*tool.parameters);
    } else {
      writer_.raw(R"({"type":"object","properties":{}})");
    }
    writer_.end_object();
    if (tool.strict) writer_.key("strict").boolean(*tool.strict);
    writer_.end_object().end_object();
    if (tool.cache && family_.caches()) {
      writer_.begin_object().key("cachePoint").begin_object().key("type").value("default").end_object().end_object();
    }
    return {};
  }

  // Those that the conversation has called, where none are declared (any more).
  void tools_of_turns() {
    std::vector<std::string_view> names;
    for (const auto& message : request_.messages) {
      for (const auto& part : message.parts) {
        if (part.kind == Part::Kind::tool_call) names.push_back(part.name);
      }
      if (message.role == Role::tool && !message.name.empty()) names.push_back(message.name);
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    for (const auto one : names) {
      writer_.begin_object().key("toolSpec").begin_object().key("name").value(one);
      writer_.key("inputSchema").begin_object().key("json").raw(R"({"type":"object"})").end_object();
      writer_.end_object().end_object();
    }
  }

  void tool_choice() {
    const auto& choice = request_.tool_choice;
    if (choice.mode == ToolChoice::Mode::unset || choice.mode == ToolChoice::Mode::foreign) return;
    writer_.key("toolChoice").begin_object();
    if (choice.mode == ToolChoice::Mode::named) {
      writer_.key("tool").begin_object().key("name").value(choice.name).end_object();
    } else {
      writer_.key(choice.mode == ToolChoice::Mode::any ? "any" : "auto").begin_object().end_object();
    }
    writer_.end_object();
  }

  void native_choice(json::Writer& writer) const {
    const auto& choice = request_.tool_choice;
    writer.key("tool_choice").begin_object().key("type");
    if (is_none()) {
      writer.value("none");
    } else if (choice.mode == ToolChoice::Mode::named) {
      writer.value("tool").key("name").value(choice.name);
    } else {
      writer.value(choice.mode == ToolChoice::Mode::any ? "any" : "auto");
    }
    if (!is_none()) writer.key("disable_parallel_tool_use").boolean(true);
    writer.end_object();
  }

  // What the model's maker has a name for, and Converse has not.
  void additional() {
    std::string text;
    json::Writer writer(text);
    writer.begin_object();
    if (family_.is_claude()) {
      if (request_.top_k && takes_sampling()) writer.key("top_k").value(*request_.top_k);
      think(writer);
      if (chooses_natively()) native_choice(writer);
    } else if (family_.maker == ModelFamily::Maker::nova && request_.top_k) {
      writer.key("inferenceConfig").begin_object().key("topK").value(*request_.top_k).end_object();
    } else if (family_.maker == ModelFamily::Maker::gpt) {
      const auto effort = request_.reasoning_effort;
      if (effort == "low" || effort == "medium" || effort == "high") writer.key("reasoning_effort").value(effort);
    }
    writer.end_object();
    if (text != "{}") writer_.key("additionalModelRequestFields").raw(text);
  }

  void think(json::Writer& writer) const {
    if (thinking_.mode == Thinking::Mode::unset) return;
    writer.key("thinking").begin_object().key("type");
    if (thinking_.mode == Thinking::Mode::budget) {
      writer.value("enabled").key("budget_tokens").value(thinking_.tokens);
    } else {
      writer.value(thinking_.on() ? "adaptive" : "disabled");
      // Newer ones keep their thoughts to themselves unless they are asked for them.
      const bool shown = request_.show_thinking.value_or(false) && family_.is_claude_since(first_without_sampling);
      if (thinking_.on() && shown) writer.key("display").value("summarized");
    }
    writer.end_object();
  }

  void output() {
    const bool schema = request_.response_format != ResponseFormat::text && request_.json_schema;
    if (!schema && thinking_.effort.empty()) return;
    writer_.key("outputConfig").begin_object();
    if (schema) {
      writer_.key("textFormat").begin_object().key("type").value("json_schema").key("structure").begin_object();
      writer_.key("jsonSchema").begin_object().key("schema").value(request_.json_schema->to_string());
      if (!request_.json_schema_name.empty()) writer_.key("name").value(request_.json_schema_name);
      writer_.end_object().end_object().end_object();
    }
    if (!thinking_.effort.empty()) writer_.key("effort").value(thinking_.effort);
    writer_.end_object();
  }

  const Request& request_;
  ModelFamily family_;
  Thinking thinking_;
  json::Writer writer_;
};

// The Host header as the client sends it.
std::string host_of(const Url& url) {
  if (url.scheme == Url::Scheme::unix_socket) return "localhost";
  auto host = url.host.find(':') != std::string::npos ? "[" + url.host + "]" : url.host;
  if (url.port != (url.scheme == Url::Scheme::https ? 443 : 80)) host += ":" + std::to_string(url.port);
  return host;
}

void sign_for(HttpRequest& http, const Target& target, const AwsCredential& credential) {
  const auto region = region_of(target.provider.url.host);
  sign(http, host_of(target.provider.url), target.provider.url.path, credential,
       {.region = region, .service = "bedrock", .wall_s = target.wall_s});
}

Status authorize(HttpRequest& http, const Target& target) {
  const auto& provider = target.provider;
  if (provider.api_key.find(':') == std::string::npos) {
    add_bearer(provider, http.headers);
    return {};
  }
  add_extra_headers(provider, http.headers);
  const auto credential = aws_credential(provider.api_key);
  if (!credential) {
    return failure(ErrorCode::upstream_auth,
                   fmt::format("The credential of provider '{}' must be a Bedrock API key, or ACCESS_KEY_ID:SECRET, or "
                               "ACCESS_KEY_ID:SECRET:SESSION_TOKEN.",
                               provider.id));
  }
  // Whoever says so in the config vouches for it.
  if (http.headers.has("Authorization")) return {};
  sign_for(http, target, *credential);
  return {};
}

}  // namespace

Result<std::string> write_body(const Request& request, std::string_view model, std::string_view prefill) {
  std::string out;
  out.reserve(request.text_bytes + 512);
  if (auto written = Body(request, model, out).write(prefill); !written) return failure(std::move(written.error()));
  return out;
}

Status sign_again(HttpRequest& http, const Target& target) {
  const auto& configured = target.provider.headers;
  const bool vouched = std::any_of(configured.begin(), configured.end(), [](const auto& header) {
    return equals_ignoring_case(header.first, "Authorization");
  });
  const auto credential = vouched ? std::nullopt : aws_credential(target.provider.api_key);
  if (credential) sign_for(http, target, *credential);
  return {};
}

Result<HttpRequest> write_request(const Request& request, const Target& target, std::string_view prefill) {
  auto body = write_body(request, target.model.name, prefill);
  if (!body) return failure(std::move(body.error()));
  HttpRequest http;
  http.path =
      fmt::format("/model/{}/{}", percent_encoded(target.model.name), request.stream ? "converse-stream" : "converse");
  http.headers.add("Content-Type", "application/json");
  http.headers.add("Accept", request.stream ? "application/vnd.amazon.eventstream" : "application/json");
  http.body = std::move(*body);
  if (auto authorized = authorize(http, target); !authorized) return failure(std::move(authorized.error()));
  return http;
}

std::string_view region_of(std::string_view host) {
  constexpr std::string_view otherwise = "us-east-1";
  for (bool is_next = false; !host.empty();) {
    const auto label = host.substr(0, host.find('.'));
    if (is_next) return label.empty() || host.size() == label.size() ? otherwise : label;
    is_next = label == "bedrock-runtime" || label == "bedrock-runtime-fips";
    host.remove_prefix(std::min(label.size() + 1, host.size()));
  }
  return otherwise;
}

}  // namespace weir::bedrock
