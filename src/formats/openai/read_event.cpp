// A parsed stream event in OpenAI's format → StreamEvents. On the hot path of every stream: one walk over the fields,
// which also tells whether the event's bytes may go on to a client as they came.
#include <fmt/format.h>

#include "formats/openai/forward.h"
#include "formats/openai/model_face.h"
#include "formats/shared/error_body.h"
#include "formats/shared/errors.h"
#include "formats/shared/said.h"

namespace weir::openai_provider {
namespace {

using json::Element;
using Kind = StreamEvent::Kind;
using Way = Forwarding::Way;

class ChunkReader {
 public:
  ChunkReader(StreamState& state, std::vector<StreamEvent>& out, Source source)
      : state_(state), out_(out), before_(out.size()), flawed_(source == Source::mended) {}

  Status read(const Element& root, std::string_view data) {
    json::Object chunk;
    if (root.get(chunk) != simdjson::SUCCESS) {
      return failure(ErrorCode::upstream_malformed, "A stream event is JSON, but no object.");
    }
    json::Object usage;
    bool has_usage = false;
    json::Object timings;
    bool has_timings = false;
    bool null_usage = false;
    bool reported = false;
    unsigned named = 0;  // of the four fields that say whose chunk it is
    for (const auto field : chunk) {
      if (field.key == "choices") {
        has_choices_ = field.value.is_array();
        read_choices(field.value);
      } else if (field.key == "id") {
        named += read_head(field.value, state_.id) ? 1U : 0U;
      } else if (field.key == "model") {
        named += read_head(field.value, state_.model) ? 1U : 0U;
      } else if (field.key == "created") {
        int64_t created = 0;
        named += field.value.get(created) == simdjson::SUCCESS ? 1U : 0U;
        if (state_.created == 0) state_.created = created;
      } else if (field.key == "usage") {
        has_usage = field.value.get(usage) == simdjson::SUCCESS;
        null_usage = !has_usage;
      } else if (field.key == "service_tier") {
        std::string_view name;
        if (field.value.get(name) == simdjson::SUCCESS) state_.tier = read_tier(name);
      } else if (field.key == "timings") {
        has_timings = field.value.get(timings) == simdjson::SUCCESS;
      } else if (field.key == "x_groq" && !has_usage) {
        has_groq_ = field.value.at_key("usage").get(groq_) == simdjson::SUCCESS;
      } else if (field.key == "error") {
        reported = reported || is_error(field.value);
      } else if (field.key == "object") {
        std::string_view kind;
        const bool text = field.value.get(kind) == simdjson::SUCCESS;
        reported = reported || kind == "error";
        named += text && (kind == "chat.completion.chunk" || kind == "text_completion") ? 1U : 0U;
      } else if (field.key == "type") {
        std::string_view kind;
        reported = reported || (field.value.get(kind) == simdjson::SUCCESS && kind == "error");
      }
    }
    if (reported) return report_error(root);
    if (failed_) return report_error(*failed_);
    if (has_usage || has_groq_ || has_timings) {
      auto read = has_usage ? read_usage(usage) : has_groq_ ? read_usage(groq_) : Usage{};
      if (has_timings) add_timings(timings, read);
      take_usage(read);
    }
    if (!has_choices_ && !has_usage && !has_groq_) {
      if (says_error(chunk)) return report_error(root);
      return failure(ErrorCode::upstream_malformed, "A stream event has neither 'choices' nor 'usage' nor 'error'.");
    }
    if (out_.size() == before_) out_.emplace_back();  // role, filter results, an empty delta: lifecycle
    flawed_ = flawed_ || named != 4;
    if (state_.forwarding.wanted) prepare(chunk, data, has_usage, null_usage);
    return {};
  }

 private:
  // What has to be done to the event's bytes before a client may have them.
  void prepare(const json::Object& chunk, std::string_view data, const bool& has_usage, const bool& null_usage) {
    auto& forwarding = state_.forwarding;
    if (has_usage) forwarding.usage = usage_chunk(chunk, state_);
    const bool splits = has_content_ && has_finish_;  // the content goes now, the finish at the end
    const bool drops_usage = has_usage || (null_usage && !forwarding.usage_asked);
    if (anew_) {
      forwarding.way = Way::from_events;
    } else if (flawed_ || splits || drops_usage || !has_choices_) {
      forwarding.way = Way::rewritten;
      if (!flawed_ && !splits && !has_usage) forwarding.text = without_null_usage(data);
      if (!forwarding.text.empty()) return;
      const auto finishes = splits ? Finishes::left_out : Finishes::kept;
      forwarding.text = rewrite_chunk(chunk, state_, std::span(out_).subspan(before_), finishes);
    }
  }

  static bool read_head(const Element& value, std::string& into) {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) return false;
    if (into.empty()) into = text;
    return true;
  }
  static bool is_error(const Element& value) {
    bool truth = true;
    return !value.is_null() && !(value.get(truth) == simdjson::SUCCESS && !truth);
  }

  // What the event says before its error is kept.
  Status report_error(const Element& holder) {
    out_.push_back({.kind = Kind::error, .error = classify_body(holder, 0)});
    state_.forwarding.way = Way::from_events;
    return {};
  }

  StreamEvent& add(Kind kind, int64_t index) {
    auto& event = out_.emplace_back();
    event.kind = kind;
    event.index = index;
    return event;
  }
  void add_text(Kind kind, int64_t index, const Element& value) {
    auto text = said_text(value);
    if (!text.empty()) add(kind, index).text = std::move(text);
    anew_ = anew_ || !(value.is_string() || value.is_null());
  }

  void read_choices(const Element& value) {
    json::Array choices;
    if (value.get(choices) != simdjson::SUCCESS) return;
    int64_t position = 0;
    for (const auto element : choices) {
      json::Object choice;
      has_choice_ = true;
      if (element.get(choice) == simdjson::SUCCESS) read_choice(choice, element, position);
      ++position;
    }
  }

  void read_choice(const json::Object& choice, const Element& element, int64_t index) {
    json::Object delta;
    bool has_delta = false;
    bool has_index = false;
    Element text;
    bool has_text = false;
    Element logprobs;
    bool has_logprobs = false;
    std::string_view finish;
    for (const auto field : choice) {
      if (field.key == "delta") {
        has_delta = field.value.get(delta) == simdjson::SUCCESS;
      } else if (field.key == "index") {
        has_index = field.value.get(index) == simdjson::SUCCESS;
      } else if (field.key == "finish_reason") {
        flawed_ = flawed_ || (field.value.get(finish) == simdjson::SUCCESS && !is_finish_reason(finish));
      } else if (field.key == "text") {
        text = field.value;
        has_text = true;
      } else if (field.key == "logprobs") {
        logprobs = field.value;
        has_logprobs = logprobs.is_object();
      } else if (field.key == "message" && !has_delta) {  // a whole answer where a piece was due
        has_delta = field.value.get(delta) == simdjson::SUCCESS;
        anew_ = anew_ || has_delta;
      } else if (field.key == "error" && is_error(field.value)) {
        failed_ = element;
      }
    }
    flawed_ = flawed_ || !has_index || (!has_delta && !has_text);
    const auto first = out_.size();
    if (has_delta) read_delta(delta, index);
    // Beside a delta: only where that says nothing.
    if (has_text && out_.size() == first) {
      add_text(Kind::text, index, text);
      anew_ = anew_ || (has_delta && out_.size() != first);
    }
    if (has_logprobs) attach_logprobs(first, index, logprobs);
    has_content_ = has_content_ || out_.size() != first;
    if (finish == "error" && !failed_) failed_ = element;
    if (finish.empty() || failed_) return;
    has_finish_ = true;
    state_.finish = read_finish(finish);
    add(Kind::finish, index).finish = state_.finish;
  }

  void read_delta(const json::Object& delta, int64_t index) {
    bool has_reasoning = false;
    unsigned names = 0;  // under which reasoning came: 1 `reasoning`, 2 `reasoning_content`
    Element details;
    bool has_details = false;
    for (const auto field : delta) {
      if (field.key == "content") {
        if (field.value.is_string()) {
          add_text(Kind::text, index, field.value);
        } else if (!field.value.is_null()) {
          anew_ = true;
          each_of(field.value, [&](const Element& part) { read_part(part, index); });
        }
      } else if (field.key == "reasoning_content" || field.key == "reasoning") {
        // Some send both names with the same text.
        const auto count = out_.size();
        if (!has_reasoning) add_text(Kind::reasoning, index, field.value);
        has_reasoning = has_reasoning || out_.size() != count;
        names |= field.key == "reasoning" ? (field.value.is_string() ? 1U : 0U) : 2U;
      } else if (field.key == "refusal") {
        add_text(Kind::refusal, index, field.value);
      } else if (field.key == "tool_calls") {
        read_tool_calls(field.value, index);
      } else if (field.key == "function_call") {
        json::Object function;
        if (field.value.get(function) == simdjson::SUCCESS) read_function(function, add_tool(index, 0));
      } else if (field.key == "audio" || field.key == "images") {
        if (!field.value.is_null()) add(Kind::other, index);
      } else if (field.key == "reasoning_details") {  // OpenRouter's, as a rule beside `reasoning`
        details = field.value;
        has_details = true;
      }
    }
    if (has_details && !has_reasoning) read_details(details, index);
    flawed_ = flawed_ || names == 1;
  }

  // Mistral's reasoning models: content as parts.
  void read_part(const Element& part, int64_t index) {
    json::Object object;
    Element thoughts;
    if (part.get(object) == simdjson::SUCCESS && object.at_key("thinking").get(thoughts) == simdjson::SUCCESS) {
      add_text(Kind::reasoning, index, thoughts);
      if (object.at_key("text").error() != simdjson::SUCCESS) return;
    }
    add_text(Kind::text, index, part);
  }

  void read_details(const Element& details, int64_t index) {
    auto text = said_text(details);
    if (text.empty()) return;
    add(Kind::reasoning, index).text = std::move(text);
    anew_ = true;
  }

  StreamEvent& add_tool(int64_t index, int64_t tool_index) {
    auto& event = add(Kind::tool_call, index);
    event.tool_index = tool_index;
    return event;
  }

  // False: the arguments are no text.
  static bool read_function(const json::Object& function, StreamEvent& event) {
    event.tool.name = json::string_or(function, "name");
    Element arguments;
    if (function.at_key("arguments").get(arguments) != simdjson::SUCCESS) return true;
    std::string_view text;
    const bool is_text = arguments.get(text) == simdjson::SUCCESS;
    if (!arguments.is_null()) event.tool.arguments = is_text ? std::string(text) : simdjson::minify(arguments);
    return is_text;
  }

  void read_tool_calls(const Element& value, int64_t index) {
    json::Array calls;
    json::Object call;
    if (value.get(calls) == simdjson::SUCCESS) {
      for (const auto element : calls) {
        if (element.get(call) == simdjson::SUCCESS) read_tool_call(call, index);
      }
    } else if (value.get(call) == simdjson::SUCCESS) {  // TGI of old: not in a list
      flawed_ = true;
      read_tool_call(call, index);
    }
  }

  void read_tool_call(const json::Object& object, int64_t index) {
    json::Object function;
    int64_t theirs = -1;
    json::read_if(object.at_key("index"), theirs);
    auto& event = add_tool(index, 0);
    event.tool.id = json::string_or(object, "id");
    if (Element seal;
        object.at_key("extra_content").at_key("google").at_key("thought_signature").get(seal) == simdjson::SUCCESS)
      event.tool.signature = seal.is_string() ? seal.get_string().value() : std::string_view();
    const bool has_function = object.at_key("function").get(function) == simdjson::SUCCESS;
    if (has_function) flawed_ = !read_function(function, event) || flawed_;
    const auto count = state_.tools.size();
    auto& call = place_of(event, theirs);
    const bool begins = state_.tools.size() != count;
    event.tool_index = call.index;
    if (!has_function) return;  // of another kind: only the same format can carry it
    if (begins) {
      flawed_ = flawed_ || event.tool.id.empty() || object.at_key("type").error() != simdjson::SUCCESS;
      if (event.tool.id.empty()) event.tool.id = make_call_id(state_.id, index, call.index);
    } else {
      // Clients join the pieces of a call: what was said in the first is not said again.
      const bool again = !event.tool.name.empty() && event.tool.name == call.name;
      flawed_ = flawed_ || !event.tool.id.empty() || again;
      event.tool.id.clear();
      if (again) event.tool.name.clear();
    }
    flawed_ = flawed_ || theirs != call.index;
  }

  // The call that a piece belongs to, or a new one. Some leave `index` out and send each call whole, some give every
  // call the same index: a new id with a name is a new call.
  OpenToolCall& place_of(const StreamEvent& piece, int64_t theirs) {
    const auto& id = piece.tool.id;
    const auto& name = piece.tool.name;
    OpenToolCall* last = nullptr;  // of this choice, with that index where there is one
    int64_t count = 0;
    for (auto& call : state_.tools) {
      if (call.choice != piece.index) continue;
      ++count;
      if (theirs >= 0 ? call.theirs == theirs : id.empty() || call.id == id) last = &call;
    }
    const bool renamed = last != nullptr && !name.empty() && (id.empty() ? is_anothers(name, *last) : id != last->id);
    const bool whole = theirs < 0 && id.empty() && !name.empty();
    if (last != nullptr && !renamed && !whole) return *last;
    state_.next_tool_index = std::max(state_.next_tool_index, count + 1);
    state_.tools.push_back({.choice = piece.index, .theirs = theirs, .index = count, .id = id, .name = name});
    return state_.tools.back();
  }

  // Google's compatible endpoint: whole calls, all of index 0 and without ids. A name is said once, or again.
  static bool is_anothers(std::string_view name, const OpenToolCall& call) {
    return !call.name.empty() && name != call.name;
  }

  void attach_logprobs(std::size_t first, int64_t index, const Element& logprobs) {
    for (std::size_t i = first; i < out_.size(); ++i) {
      if (out_[i].kind != Kind::text && out_[i].kind != Kind::refusal) continue;
      out_[i].logprobs = simdjson::minify(logprobs);
      return;
    }
    // A token without visible text (half a character) still has its log probability.
    json::Array tokens;
    const bool any = logprobs.at_key("content").get(tokens) == simdjson::SUCCESS && tokens.size() != 0;
    if (any) add(Kind::text, index).logprobs = simdjson::minify(logprobs);
  }

  // Some send the count so far with every chunk (vLLM's continuous usage, xAI): that is kept, not reported, until the
  // end.
  void take_usage(Usage usage) {
    if (state_.tier != ServiceTier::standard) usage.tier = state_.tier;
    state_.usage = usage;
    const bool at_end = state_.finish != FinishReason::none || !has_choice_;
    if (!at_end || (usage.input == 0 && usage.output == 0)) return;
    state_.usage_seen = true;
    add(Kind::usage, 0).usage = usage;
  }

  StreamState& state_;
  std::vector<StreamEvent>& out_;
  std::size_t before_;
  json::Object groq_;
  std::optional<Element> failed_;  // the choice that holds an error
  bool has_groq_ = false;
  bool has_choices_ = false;
  bool has_choice_ = false;
  bool has_content_ = false;
  bool has_finish_ = false;
  bool flawed_;        // not what clients are promised, but a rewrite can put it right
  bool anew_ = false;  // another shape altogether
};

}  // namespace

Status read_event(const Element& root, std::string_view data, Source source, StreamState& state,
                  std::vector<StreamEvent>& out) {
  return ChunkReader(state, out, source).read(root, data);
}

}  // namespace weir::openai_provider
