// Server-sent events of Anthropic's format → StreamEvents. Blocks come one behind the other, each with its index;
// counts come with message_start and again, for the whole message, with message_delta.
#include <fmt/format.h>

#include "formats/anthropic/model_face.h"
#include "formats/anthropic/wire.h"
#include "formats/shared/errors.h"
#include "formats/shared/said.h"
#include "formats/shared/signature.h"

namespace weir::anthropic {
namespace {

using Kind = StreamEvent::Kind;
using json::Object;

// A block that has begun and not stopped.
struct Block {
  int64_t index = 0;
  bool is_call = false;
  int64_t tool_index = 0;
  bool has_arguments = false;  // pieces of them came
  std::string arguments;       // that stood in its start
  std::string seal;
};
constexpr std::size_t most_open = 256;

class Reader final : public EventReader {
 public:
  explicit Reader(const Request& request) : request_(request) {}

  Status read(const FramedEvent& event, json::Document& scratch, std::vector<StreamEvent>& out) override {
    if (auto parsed = scratch.parse_copy(event.data); !parsed) {
      return failure(ErrorCode::upstream_malformed, "A stream event is no JSON: " + parsed.error().message);
    }
    Object body;
    if (scratch.root().get(body) != simdjson::SUCCESS)
      return failure(ErrorCode::upstream_malformed, "A stream event is JSON, but no object.");
    state_.forwarding.way = Forwarding::Way::as_it_came;
    const auto before = out.size();
    const auto type = json::string_or(body, "type", event.name);
    auto read = take(body, type, scratch, out);
    if (state_.forwarding.wanted && type == "message_start") rename(event.data);
    if (read && out.size() == before) out.emplace_back();  // it lives
    return read;
  }

 private:
  // Types that are none of these are of a later version.
  Status take(const Object& body, std::string_view type, const json::Document& scratch, std::vector<StreamEvent>& out) {
    if (type == "content_block_delta") return delta(body, out);
    if (type == "content_block_start") return start(body, out);
    if (type == "content_block_stop") {
      stop(body, out);
    } else if (type == "message_start") {
      message(body);
    } else if (type == "message_delta") {
      ending(body, out);
    } else if (type == "message_stop") {
      out.push_back({.kind = Kind::done});
    } else if (is_error_body(body)) {
      out.push_back({.kind = Kind::error, .error = classify_body(scratch.root(), 0)});
    }
    return {};
  }

  void message(const Object& body) {
    Object message;
    if (body.at_key("message").get(message) != simdjson::SUCCESS) return;
    state_.id = json::string_or(message, "id");
    state_.model = json::string_or(message, "model");
    count(message);
  }

  void rename(std::string_view data) {
    state_.forwarding.text = named_as_asked(data, "message", request_.model);
    if (state_.forwarding.text.empty()) return;
    state_.forwarding.way = Forwarding::Way::rewritten;
    std::replace(state_.forwarding.text.begin(), state_.forwarding.text.end(), '\n',
                 ' ');  // of an event of several lines
  }

  bool count(const Object& holder) {
    Object usage;
    if (holder.at_key("usage").get(usage) != simdjson::SUCCESS) return false;
    read_usage(usage, state_.usage);
    state_.usage_seen = state_.usage.known;
    state_.tier = state_.usage.tier;
    return state_.usage.known;
  }

  Block* find(int64_t index) {
    const auto found =
        std::find_if(open_.begin(), open_.end(), [&](const Block& block) { return block.index == index; });
    return found == open_.end() ? nullptr : &*found;
  }

  Status start(const Object& body, std::vector<StreamEvent>& out) {
    Object content;
    if (body.at_key("content_block").get(content) != simdjson::SUCCESS || open_.size() >= most_open)
      return failure(ErrorCode::upstream_malformed, "A block of the answer begins without saying what it is.");
    auto& block = open_.emplace_back();
    block.index = json::int_or(body, "index");
    const auto type = json::string_or(content, "type");
    if (type == "text") {
      piece(Kind::text, said_text(content, "text"), out);
    } else if (type == "thinking") {
      piece(Kind::reasoning, said_text(content, "thinking"), out);
      block.seal = json::string_or(content, "signature");
    } else if (type == "redacted_thinking") {
      block.seal = mark_redacted(json::string_or(content, "data"));
    } else if (type == "tool_use") {
      start_call(content, block, out);
    } else {
      out.push_back({.kind = Kind::other});
    }
    return {};
  }

  void start_call(const Object& content, Block& block, std::vector<StreamEvent>& out) {
    block.is_call = true;
    block.tool_index = state_.next_tool_index++;
    json::Element input;
    Object members;
    // Empty as a rule; some servers give all of it at once.
    const bool given = content.at_key("input").get(input) == simdjson::SUCCESS;
    if (given && input.get(members) == simdjson::SUCCESS && members.size() != 0)
      block.arguments = simdjson::minify(input);
    out.push_back({.kind = Kind::tool_call,
                   .tool_index = block.tool_index,
                   .tool = {.id = std::string(json::string_or(content, "id")),
                            .name = std::string(unspell(json::string_or(content, "name"), request_))}});
  }

  Status delta(const Object& body, std::vector<StreamEvent>& out) {
    Object delta;
    if (body.at_key("delta").get(delta) != simdjson::SUCCESS)
      return failure(ErrorCode::upstream_malformed, "A piece of the answer has nothing in it.");
    const auto type = type_of(delta);
    auto* const block = find(json::int_or(body, "index"));
    if (type == "text_delta") {
      piece(Kind::text, said_text(delta, "text"), out);
    } else if (type == "thinking_delta") {
      piece(Kind::reasoning, said_text(delta, "thinking"), out);
    } else if (type == "signature_delta") {
      const auto seal = json::string_or(delta, "signature");
      if (block != nullptr) {
        block->seal = seal;
      } else {
        sealed(seal, out);
      }
    } else if (type == "input_json_delta") {
      if (block == nullptr || !block->is_call)
        return failure(ErrorCode::upstream_malformed, "A piece of a tool's input belongs to no call.");
      json::Element value;
      if (delta.at_key("partial_json").get(value) != simdjson::SUCCESS || value.is_null()) return {};
      auto text = value.is_string() ? std::string(value.get_string().value()) : simdjson::minify(value);
      if (!text.empty()) arguments(*block, std::move(text), out);
    }
    return {};
  }

  // Where it is not said, its members tell.
  static std::string_view type_of(const Object& delta) {
    const auto said = json::string_or(delta, "type");
    if (!said.empty()) return said;
    constexpr std::pair<std::string_view, std::string_view> types[] = {{"text", "text_delta"},
                                                                       {"thinking", "thinking_delta"},
                                                                       {"partial_json", "input_json_delta"},
                                                                       {"signature", "signature_delta"}};
    for (const auto& [member, type] : types) {
      if (delta.at_key(member).error() == simdjson::SUCCESS) return type;
    }
    return said;
  }

  static void piece(Kind kind, std::string text, std::vector<StreamEvent>& out) {
    if (!text.empty()) out.push_back({.kind = kind, .text = std::move(text)});
  }

  void sealed(std::string_view seal, std::vector<StreamEvent>& out) {
    if (seal.empty()) return;
    out.push_back({.kind = Kind::signature, .text = shown_signature(seal, format_name, request_.format)});
  }

  static void arguments(Block& block, std::string text, std::vector<StreamEvent>& out) {
    block.has_arguments = true;
    out.push_back({.kind = Kind::tool_call, .tool_index = block.tool_index, .tool = {.arguments = std::move(text)}});
  }

  void stop(const Object& body, std::vector<StreamEvent>& out) {
    auto* const block = find(json::int_or(body, "index"));
    if (block == nullptr) return;
    sealed(block->seal, out);
    if (block->is_call && !block->has_arguments)
      arguments(*block, block->arguments.empty() ? "{}" : std::move(block->arguments), out);
    open_.erase(open_.begin() + (block - open_.data()));
  }

  void ending(const Object& body, std::vector<StreamEvent>& out) {
    Object delta;
    if (body.at_key("delta").get(delta) == simdjson::SUCCESS) {
      const auto finish = finish_of(json::string_or(delta, "stop_reason"));
      if (finish != FinishReason::none) {
        state_.finish = finish;
        out.push_back(
            {.kind = Kind::finish, .text = std::string(json::string_or(delta, "stop_sequence")), .finish = finish});
      }
    }
    if (count(body)) out.push_back({.kind = Kind::usage, .usage = state_.usage});
  }

  const Request& request_;
  std::vector<Block> open_;
};

}  // namespace

std::unique_ptr<EventReader> make_reader(const Request& request) { return std::make_unique<Reader>(request); }

}  // namespace weir::anthropic
