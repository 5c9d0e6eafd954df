// Messages → `system` and `messages` of Converse: turns of user and assistant that alternate, results of tools among
// the user's blocks, no text block that is blank.
#include <fmt/format.h>

#include "formats/bedrock/media_block.h"
#include "formats/bedrock/model_face.h"
#include "formats/shared/call_id.h"
#include "formats/shared/signature.h"
#include "formats/shared/translation.h"

namespace weir::bedrock {
namespace {

constexpr CallIdRule id_rule{.at_least = 1, .at_most = 64, .besides = "_.:-"};

// Bedrock refuses blank blocks, and they say nothing.
bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

bool is_system(const Message& message) { return message.role == Role::system || message.role == Role::developer; }

class Conversation {
 public:
  Conversation(json::Writer& writer, const Request& request, const ModelFamily& family)
      : writer_(writer), request_(request), family_(family), media_(writer), ids_(id_rule) {}

  // Those that come in the middle, too: not every model takes them there.
  Status system() {
    bool begun = false;
    for (std::size_t i = 0; i < request_.messages.size(); ++i) {
      const auto& message = request_.messages[i];
      if (!is_system(message)) continue;
      for (std::size_t j = 0; j < message.parts.size(); ++j) {
        const auto& part = message.parts[j];
        if (!is_text(part)) return failure(unsupported("Bedrock takes text in system messages only.", place(i, j)));
        if (!is_blank(part.text)) {
          if (!begun) writer_.key("system").begin_array();
          begun = true;
          writer_.begin_object().key("text").value(part.text).end_object();
        }
        if (begun && part.cache) cache_point();
      }
    }
    if (begun) writer_.end_array();
    return {};
  }

  Status messages(std::string_view prefill) {
    writer_.key("messages").begin_array();
    for (std::size_t i = 0; i < request_.messages.size(); ++i) {
      if (is_system(request_.messages[i])) continue;
      auto written = request_.messages[i].role == Role::tool ? tool_result(i) : message(i);
      if (!written) return written;
    }
    if (!prefill.empty()) {
      if (auto opened = open(Turn::assistant, request_.messages.size()); !opened) return opened;
      text(prefill);
    }
    if (auto closed = close(); !closed) return closed;
    writer_.end_array();
    return {};
  }

 private:
  enum class Turn : uint8_t { none, user, assistant };

  [[nodiscard]] static std::string place(std::size_t message, std::size_t part) {
    return fmt::format("messages[{}].content[{}]", message, part);
  }

  // The blocks that follow belong to `turn`, which goes on or begins.
  Status open(Turn turn, std::size_t index) {
    if (turn_ == turn) return {};
    if (turn_ == Turn::none && turn == Turn::assistant) {
      return failure(unsupported("Bedrock wants a conversation to begin with a message of the user's.",
                                 fmt::format("messages[{}]", index)));
    }
    if (auto closed = close(); !closed) return closed;
    turn_ = turn;
    has_text_ = false;
    media_.begin_turn();
    writer_.begin_object().key("role").value(turn == Turn::user ? "user" : "assistant").key("content").begin_array();
    return {};
  }

  Status close() {
    if (turn_ == Turn::none) return {};
    if (media_.has_documents() && !has_text_ && !document_place_.empty()) {
      return failure(unsupported("Bedrock wants text beside a document, in the same turn.", document_place_));
    }
    document_place_.clear();
    writer_.end_array().end_object();
    return {};
  }

  void text(std::string_view said) {
    writer_.begin_object().key("text").value(said).end_object();
    has_text_ = true;
  }
  void cache_point() {
    if (!family_.caches()) return;
    writer_.begin_object().key("cachePoint").begin_object().key("type").value("default").end_object().end_object();
  }

  Status message(std::size_t index) {
    const auto& message = request_.messages[index];
    const auto turn = message.role == Role::assistant ? Turn::assistant : Turn::user;
    for (std::size_t i = 0; i < message.parts.size(); ++i) {
      const auto& part = message.parts[i];
      if (says_something(part)) {
        if (auto opened = open(turn, index); !opened) return opened;
        if (auto written = block(part, place(index, i)); !written) return written;
      }
      if (part.cache && turn_ == turn) cache_point();
    }
    return {};
  }

  [[nodiscard]] std::string_view seal_of(const Part& part) const {
    return signature_for(part.signature, request_.format, name);
  }
  // A thought without its seal, or with another's, is refused or worthless.
  [[nodiscard]] bool says_something(const Part& part) const {
    if (is_text(part)) return !is_blank(part.text);
    return part.kind != Part::Kind::thinking || !seal_of(part).empty();
  }

  Status block(const Part& part, const std::string& at) {
    switch (part.kind) {
      case Part::Kind::text:
      case Part::Kind::refusal:
        text(part.text);
        return {};
      case Part::Kind::thinking:
        thought(part);
        return {};
      case Part::Kind::tool_call:
        return call(part, at);
      case Part::Kind::media:
        if (turn_ == Turn::assistant) {
          return failure(unsupported("Bedrock takes media in messages of the user's only.", at));
        }
        if (part.media.kind == Media::Kind::document && document_place_.empty()) document_place_ = at;
        return media_.write(part.media, MediaHolder::message, at);
      case Part::Kind::foreign:
        return failure(unsupported("Bedrock's Converse has nothing like this.", at));
    }
    return {};
  }

  void thought(const Part& part) {
    auto seal = seal_of(part);
    writer_.begin_object().key("reasoningContent").begin_object();
    if (part.text.empty() && seal.starts_with(redacted_mark)) {
      seal.remove_prefix(redacted_mark.size());
      writer_.key("redactedContent").value(seal);
    } else {
      writer_.key("reasoningText")
          .begin_object()
          .key("text")
          .value(part.text)
          .key("signature")
          .value(seal)
          .end_object();
    }
    writer_.end_object().end_object();
  }

  Status call(const Part& part, const std::string& at) {
    if (!fits(part.name, {.at_least = 1, .at_most = 64, .besides = "_-"})) {
      return failure(
          unsupported("Bedrock takes names of tools of 1 to 64 letters, digits, '_' and '-'.", at + ".name"));
    }
    writer_.begin_object().key("toolUse").begin_object().key("toolUseId").value(ids_.of_call(part));
    writer_.key("name").value(part.name).key("input");
    write_arguments(writer_, part.text);
    writer_.end_object().end_object();
    return {};
  }

  Status tool_result(std::size_t index) {
    const auto& message = request_.messages[index];
    if (auto opened = open(Turn::user, index); !opened) return opened;
    writer_.begin_object().key("toolResult").begin_object().key("toolUseId").value(ids_.of_result(message));
    writer_.key("content").begin_array();
    bool empty = true;
    bool cached = false;
    for (std::size_t i = 0; i < message.parts.size(); ++i) {
      const auto& part = message.parts[i];
      cached = cached || part.cache;
      if (part.kind == Part::Kind::media) {
        if (auto written = media_.write(part.media, MediaHolder::tool_result, place(index, i)); !written)
          return written;
      } else if (is_text(part) && !is_blank(part.text)) {
        writer_.begin_object().key("text").value(part.text).end_object();
      } else {
        continue;
      }
      empty = false;
    }
    // A tool that said nothing: Bedrock wants a block all the same, and none that is blank.
    if (empty) writer_.begin_object().key("text").value("(empty)").end_object();
    writer_.end_array();
    if (message.is_error) writer_.key("status").value("error");
    writer_.end_object().end_object();
    if (cached) cache_point();
    return {};
  }

  json::Writer& writer_;
  const Request& request_;
  const ModelFamily& family_;
  MediaWriter media_;
  CallIds ids_;
  Turn turn_ = Turn::none;
  bool has_text_ = false;
  std::string document_place_;  // of the first document in the turn's own blocks
};

}  // namespace

Status write_conversation(json::Writer& writer, const Request& request, const ModelFamily& family,
                          std::string_view prefill) {
  Conversation conversation(writer, request, family);
  if (auto written = conversation.system(); !written) return written;
  return conversation.messages(prefill);
}

bool has_tool_turns(const Request& request) {
  return std::any_of(request.messages.begin(), request.messages.end(),
                     [](const Message& message) { return message.role == Role::tool || message.has_calls(); });
}

}  // namespace weir::bedrock
