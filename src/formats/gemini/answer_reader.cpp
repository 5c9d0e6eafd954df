#include "formats/gemini/answer_reader.h"

#include <fmt/format.h>

#include "core/stable_hash.h"
#include "formats/gemini/logprobs.h"
#include "formats/gemini/names.h"
#include "formats/shared/errors.h"
#include "formats/shared/said.h"
#include "formats/shared/signature.h"

namespace weir::gemini {
namespace {

using json::Element;
using Kind = StreamEvent::Kind;

enum class Meaning : uint8_t { stop, length, filtered, broken, unknown };
struct NamedReason {
  std::string_view name;
  Meaning meaning;
};
constexpr std::array reasons = {
    NamedReason{"STOP", Meaning::stop},
    NamedReason{"MAX_TOKENS", Meaning::length},
    NamedReason{"SAFETY", Meaning::filtered},
    NamedReason{"RECITATION", Meaning::filtered},
    NamedReason{"LANGUAGE", Meaning::filtered},
    NamedReason{"BLOCKLIST", Meaning::filtered},
    NamedReason{"PROHIBITED_CONTENT", Meaning::filtered},
    NamedReason{"SPII", Meaning::filtered},
    NamedReason{"MODEL_ARMOR", Meaning::filtered},
    NamedReason{"IMAGE_SAFETY", Meaning::filtered},
    NamedReason{"IMAGE_PROHIBITED_CONTENT", Meaning::filtered},
    NamedReason{"IMAGE_RECITATION", Meaning::filtered},
    NamedReason{"MALFORMED_FUNCTION_CALL", Meaning::broken},
    NamedReason{"UNEXPECTED_TOOL_CALL", Meaning::broken},
    NamedReason{"TOO_MANY_TOOL_CALLS", Meaning::broken},
    NamedReason{"MISSING_THOUGHT_SIGNATURE", Meaning::broken},
    NamedReason{"MALFORMED_RESPONSE", Meaning::broken},
};

Meaning meaning_of(std::string_view reason) {
  for (const auto& one : reasons) {
    if (one.name == reason) return one.meaning;
  }
  return Meaning::unknown;
}

bool flag_at(const json::Object& object, std::string_view name) {
  Element value;
  bool truth = false;
  if (find(object, name, value)) json::read_if(value, truth);
  return truth;
}

}  // namespace

AnswerReader::AnswerReader(const Request& request, StreamState& state)
    : state_(state), format_(request.format), seals_of_texts_(request.format == "gemini") {}

Status AnswerReader::read(const Element& root, std::vector<StreamEvent>& out) {
  auto holder = root;
  json::Array list;  // errors may come in one
  if (root.get(list) == simdjson::SUCCESS && list.size() == 1) holder = list.at(0).value_unsafe();
  json::Object object;
  if (holder.get(object) != simdjson::SUCCESS) {
    return failure(ErrorCode::upstream_malformed, "The provider's answer is JSON, but no object.");
  }
  if (is_error_body(object)) {
    out.push_back({.kind = Kind::error, .error = classify_body(root, 0)});
    return {};
  }
  if (state_.id.empty()) state_.id = text_of(object, "responseId");
  if (state_.model.empty()) state_.model = text_of(object, "modelVersion");
  const auto before = out.size();
  Element value;
  json::Object usage;
  bool has_usage = false;
  if (find(object, "usageMetadata", value) && value.get(usage) == simdjson::SUCCESS) {
    state_.usage = read_usage(usage);
    has_usage = state_.usage.known;
  }
  json::Array candidates;
  const bool has_candidates =
      find(object, "candidates", value) && value.get(candidates) == simdjson::SUCCESS && candidates.size() != 0;
  if (has_candidates) {
    int64_t position = 0;
    for (const auto element : candidates) {
      json::Object one;
      if (element.get(one) == simdjson::SUCCESS) candidate(one, position, out);
      ++position;
    }
  } else if (find(object, "promptFeedback", value)) {
    blocked(object, out);
  } else if (!has_usage) {
    return failure(ErrorCode::upstream_malformed,
                   "The provider's answer has neither 'candidates' nor 'promptFeedback' nor 'usageMetadata'.");
  }
  if (has_usage && state_.finish != FinishReason::none) {
    state_.usage_seen = true;
    out.push_back({.kind = Kind::usage, .usage = state_.usage});
  }
  if (out.size() == before) out.emplace_back();  // lifecycle
  return {};
}

// The prompt was refused: there is no answer, and that is one.
void AnswerReader::blocked(const json::Object& root, std::vector<StreamEvent>& out) {
  Element feedback;
  json::Object object;
  if (!find(root, "promptFeedback", feedback) || feedback.get(object) != simdjson::SUCCESS) return;
  if (text_of(object, "blockReason").empty()) return;
  state_.finish = FinishReason::content_filter;
  out.push_back({.kind = Kind::finish, .finish = FinishReason::content_filter});
}

void AnswerReader::candidate(const json::Object& object, int64_t position, std::vector<StreamEvent>& out) {
  Element value;
  int64_t index = position;
  if (find(object, "index", value)) json::read_if(value, index);
  const auto before = out.size();
  if (find(object, "content", value)) content(value, index, out);
  if (out.size() != before) spoken_.push_back(index);
  if (find(object, "logprobsResult", value)) {
    auto logprobs = logprobs_of(value);
    const auto text = std::find_if(out.begin() + static_cast<std::ptrdiff_t>(before), out.end(),
                                   [](const StreamEvent& event) { return event.kind == Kind::text; });
    if (!logprobs.empty() && text != out.end()) {
      text->logprobs = std::move(logprobs);
    } else if (!logprobs.empty()) {
      out.push_back({.kind = Kind::text, .index = index, .logprobs = std::move(logprobs)});
    }
  }
  finish(object, index, out);
}

void AnswerReader::content(const Element& content, int64_t index, std::vector<StreamEvent>& out) {
  json::Object object;
  Element value;
  if (content.get(object) != simdjson::SUCCESS || !find(object, "parts", value)) return;
  each_of(value, [&](const Element& element) {
    json::Object one;
    if (element.get(one) == simdjson::SUCCESS) return part(one, index, out);
    if (auto text = said_text(element); !text.empty())
      out.push_back({.kind = Kind::text, .index = index, .text = std::move(text)});
  });
}

void AnswerReader::part(const json::Object& object, int64_t index, std::vector<StreamEvent>& out) {
  const auto seal = text_of(object, "thoughtSignature");
  const bool thought = flag_at(object, "thought");
  Element value;
  json::Object inner;
  if (find(object, "functionCall", value) && value.get(inner) == simdjson::SUCCESS) {
    return call(inner, seal, index, out);
  }
  const bool has_text = find(object, "text", value);
  if (auto text = has_text ? said_text(value) : std::string(); !text.empty()) {
    out.push_back({.kind = thought ? Kind::reasoning : Kind::text, .index = index, .text = std::move(text)});
  }
  if (!seal.empty() && (thought || seals_of_texts_)) {
    out.push_back({.kind = Kind::signature, .index = index, .text = shown_signature(seal, "gemini", format_)});
  }
  if (has_text || !seal.empty() || thought) return;
  if (object.size() != 0) out.push_back({.kind = Kind::other, .index = index});  // an image, code that was run …
}

int64_t& AnswerReader::calls_of(int64_t choice) {
  for (auto& [index, count] : calls_) {
    if (index == choice) return count;
  }
  return calls_.emplace_back(choice, 0).second;
}

void AnswerReader::call(const json::Object& object, std::string_view seal, int64_t index,
                        std::vector<StreamEvent>& out) {
  auto& count = calls_of(index);
  StreamEvent event{.kind = Kind::tool_call, .index = index, .tool_index = count};
  event.tool.name = text_of(object, "name");
  event.tool.id = text_of(object, "id");
  Element args;
  event.tool.arguments = find(object, "args", args) ? said_arguments(args) : "{}";
  if (event.tool.id.empty()) {
    // The same for the same call of the same answer.
    const auto made_of = fmt::format("{}#{}#{}#{}", state_.id, index, count,
                                     state_.id.empty() ? event.tool.name + event.tool.arguments : std::string());
    event.tool.id = fmt::format("call_{:016x}", fnv1a(made_of));
  }
  if (!seal.empty()) event.tool.signature = shown_signature(seal, "gemini", format_);
  ++count;
  out.push_back(std::move(event));
}

void AnswerReader::finish(const json::Object& object, int64_t index, std::vector<StreamEvent>& out) {
  const auto reason = text_of(object, "finishReason");
  if (reason.empty() || reason == "FINISH_REASON_UNSPECIFIED") return;
  auto meaning = meaning_of(reason);
  const bool spoke = std::find(spoken_.begin(), spoken_.end(), index) != spoken_.end();
  // OTHER, NO_IMAGE and what is newer: an end like another where there is an answer.
  if (meaning == Meaning::unknown) meaning = spoke ? Meaning::stop : Meaning::broken;
  if (meaning == Meaning::broken) {
    const auto more = text_of(object, "finishMessage");
    out.push_back({.kind = Kind::error,
                   .index = index,
                   .error = {.code = ErrorCode::upstream_malformed,
                             .message = fmt::format("The model broke its answer off: {}{}{}", reason,
                                                    more.empty() ? "" : ": ", more),
                             .provider_code = std::string(reason)}});
    return;
  }
  auto finish = FinishReason::stop;
  if (meaning == Meaning::length) {
    finish = FinishReason::length;
  } else if (meaning == Meaning::filtered) {
    finish = FinishReason::content_filter;
  } else if (calls_of(index) > 0) {
    finish = FinishReason::tool_calls;
  }
  state_.finish = finish;
  out.push_back({.kind = Kind::finish, .index = index, .finish = finish});
}

}  // namespace weir::gemini
