// Events of ConverseStream → canonical form. The name of an event is its kind, its payload what that kind holds. Blocks
// are numbered over all kinds; only those of tools have a beginning of their own.
#include <fmt/format.h>

#include "formats/bedrock/model_face.h"
#include "formats/shared/said.h"
#include "formats/shared/signature.h"

namespace weir::bedrock {
namespace {

using json::Object;
using Kind = StreamEvent::Kind;

tl::unexpected<Error> malformed(std::string_view what) {
  return failure(ErrorCode::upstream_malformed, fmt::format("An event of the stream is malformed: {}.", what));
}

class Reader final : public EventReader {
 public:
  explicit Reader(std::string_view asked_in) : asked_in_(asked_in) {}

  Status read(const FramedEvent& event, json::Document& scratch, std::vector<StreamEvent>& out) override {
    for (const std::string_view trouble : {"exception:", "error:"}) {
      if (!event.name.starts_with(trouble)) continue;
      out.push_back({.kind = Kind::error, .error = classify_in_stream(event.name.substr(trouble.size()), event.data)});
      return {};
    }
    if (event.data.empty()) return {};  // an event of a kind to come
    if (auto parsed = scratch.parse_copy(event.data); !parsed) return malformed(parsed.error().message);
    Object body;
    if (scratch.root().get(body) != simdjson::SUCCESS) return malformed("its payload is no JSON object");
    return read_event(event.name, body, out);
  }

 private:
  struct ToolBlock {
    int64_t block = 0;
    int64_t tool = 0;
    bool has_input = false;
  };

  Status read_event(std::string_view name, const Object& body, std::vector<StreamEvent>& out) {
    if (name == "contentBlockDelta") return delta(body, out);
    if (name == "contentBlockStart") return block_start(body, out);
    if (name == "contentBlockStop") return block_stop(body, out);
    if (name == "messageStop") return stop(body, out);
    if (name == "metadata") return metadata(body, out);
    if (name == "messageStart") out.emplace_back();
    return {};
  }

  ToolBlock* find(const Object& body) {
    const auto block = json::int_or(body, "contentBlockIndex", -1);
    for (auto& one : tools_) {
      if (one.block == block) return &one;
    }
    return nullptr;
  }

  Status block_start(const Object& body, std::vector<StreamEvent>& out) {
    Object start;
    Object tool;
    if (body.at_key("start").get(start) != simdjson::SUCCESS) return malformed("a block begins without 'start'");
    if (start.at_key("toolUse").get(tool) != simdjson::SUCCESS) {
      if (start.at_key("image").error() == simdjson::SUCCESS) out.push_back({.kind = Kind::other});
      return {};
    }
    if (json::string_or(tool, "type") == "server_tool_use") return {};
    if (json::string_or(tool, "name").empty()) return malformed("a tool call has no name");
    const auto block = json::int_or(body, "contentBlockIndex", -1);
    if (find(body) != nullptr) return malformed("a block begins twice");
    tools_.push_back({.block = block, .tool = state_.next_tool_index++});
    StreamEvent event{.kind = Kind::tool_call, .tool_index = tools_.back().tool};
    event.tool.id = json::string_or(tool, "toolUseId");
    event.tool.name = json::string_or(tool, "name");
    out.push_back(std::move(event));
    return {};
  }

  Status delta(const Object& body, std::vector<StreamEvent>& out) {
    Object piece;
    if (body.at_key("delta").get(piece) != simdjson::SUCCESS) return malformed("it has no 'delta'");
    Object object;
    if (piece.at_key("text").error() == simdjson::SUCCESS) {
      if (auto said = said_text(piece, "text"); !said.empty())
        out.push_back({.kind = Kind::text, .text = std::move(said)});
    } else if (piece.at_key("toolUse").get(object) == simdjson::SUCCESS) {
      return input(body, said_text(object, "input"), out);
    } else if (piece.at_key("reasoningContent").get(object) == simdjson::SUCCESS) {
      thought(object, out);
    } else if (piece.at_key("image").error() == simdjson::SUCCESS) {
      out.push_back({.kind = Kind::other});
    }
    return {};
  }

  Status input(const Object& body, std::string_view said, std::vector<StreamEvent>& out) {
    auto* block = find(body);
    if (block == nullptr) return {};  // a tool of Bedrock's own
    if (said.empty()) return {};
    block->has_input = true;
    StreamEvent event{.kind = Kind::tool_call, .tool_index = block->tool};
    event.tool.arguments = said;
    out.push_back(std::move(event));
    return {};
  }

  void thought(const Object& object, std::vector<StreamEvent>& out) const {
    if (auto text = said_text(object, "text"); !text.empty())
      out.push_back({.kind = Kind::reasoning, .text = std::move(text)});
    std::string seal(json::string_or(object, "redactedContent"));
    if (!seal.empty()) seal.insert(0, redacted_mark);
    if (seal.empty()) seal = json::string_or(object, "signature");
    if (!seal.empty())
      out.push_back({.kind = Kind::signature, .text = shown_signature(seal, bedrock::name, asked_in_)});
  }

  // Arguments of which nothing came are an empty object.
  Status block_stop(const Object& body, std::vector<StreamEvent>& out) {
    auto* block = find(body);
    if (block == nullptr || block->has_input) return {};
    block->has_input = true;
    StreamEvent event{.kind = Kind::tool_call, .tool_index = block->tool};
    event.tool.arguments = "{}";
    out.push_back(std::move(event));
    return {};
  }

  Status stop(const Object& body, std::vector<StreamEvent>& out) {
    auto finish = read_finish(json::string_or(body, "stopReason"));
    if (!finish) {
      out.push_back({.kind = Kind::error, .error = std::move(finish.error())});
      return {};
    }
    const bool called = *finish == FinishReason::stop && !tools_.empty();
    state_.finish = called ? FinishReason::tool_calls : *finish;
    out.push_back({.kind = Kind::finish, .finish = state_.finish});
    return {};
  }

  // The last event.
  Status metadata(const Object& body, std::vector<StreamEvent>& out) {
    state_.tier = read_tier(body);
    Object usage;
    if (body.at_key("usage").get(usage) == simdjson::SUCCESS) {
      state_.usage = read_usage(usage);
      state_.usage.tier = state_.tier;
      state_.usage_seen = true;
      out.push_back({.kind = Kind::usage, .usage = state_.usage});
    }
    out.push_back({.kind = Kind::done});
    return {};
  }

  std::string_view asked_in_;  // static name of a format
  std::vector<ToolBlock> tools_;
};

}  // namespace

std::unique_ptr<EventReader> stream_reader(const Request& request) { return std::make_unique<Reader>(request.format); }

}  // namespace weir::bedrock
