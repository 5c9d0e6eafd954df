// Canonical form → a body in the Responses format, for requests that came in another one.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "formats/responses/call_ids.h"
#include "formats/responses/client_face.h"
#include "formats/responses/model_face.h"
#include "formats/responses/seal.h"
#include "formats/shared/signature.h"
#include "formats/shared/tool_result.h"
#include "formats/shared/translation.h"

namespace weir::responses {
namespace {

class BodyWriter {
 public:
  BodyWriter(const Request& request, const Target& target, std::string& out)
      : request_(request), quirks_(target.provider.quirks), writer_(out), calls_(request) {}

  Status write(std::string_view model, std::string_view prefill) {
    if (!request_.stop.empty()) return failure(unsupported("This provider's format has no stop sequences.", "stop"));
    if (request_.n != 1) return failure(unsupported("This provider's format gives one answer at a time.", "n"));
    writer_.begin_object().key("model").value(model).key("input").begin_array();
    for (std::size_t i = 0; i < request_.messages.size(); ++i) {
      if (auto written = write_message(request_.messages[i], i); !written) return written;
    }
    if (!prefill.empty()) write_said(prefill);
    writer_.end_array();
    write_tools();
    write_text();
    write_sampling();
    write_reasoning();
    write_include();
    writer_.key("store").boolean(false);
    if (request_.stream) writer_.key("stream").boolean(true);
    writer_.end_object();
    return {};
  }

 private:
  Status write_message(const Message& message, std::size_t index) {
    if (message.role == Role::tool) return write_result(message, index);
    if (message.role == Role::assistant) return write_turn(message, index);
    writer_.begin_object().key("role").value(role_name(message.role)).key("content");
    if (message.parts.size() == 1 && message.parts.front().kind == Part::Kind::text) {
      writer_.value(message.parts.front().text);
    } else if (auto written = write_content(message, index); !written) {
      return written;
    }
    writer_.end_object();
    return {};
  }

  [[nodiscard]] std::string_view role_name(Role role) const {
    if (role == Role::user) return "user";
    return role == Role::developer && !quirks_.no_developer_role ? "developer" : "system";
  }

  Status write_content(const Message& message, std::size_t index) {
    writer_.begin_array();
    if (const auto note = failure_note(message); !note.empty())
      writer_.begin_object().key("type").value("input_text").key("text").value(note).end_object();
    for (std::size_t i = 0; i < message.parts.size(); ++i) {
      const auto& part = message.parts[i];
      if (is_text(part)) {
        writer_.begin_object().key("type").value("input_text").key("text").value(part.text).end_object();
      } else if (part.kind == Part::Kind::media) {
        auto written = write_media(part.media, fmt::format("messages[{}].content[{}]", index, i));
        if (!written) return written;
      }
    }
    writer_.end_array();
    return {};
  }

  Status write_media(const Media& media, std::string place) {
    if (media.data.empty() && media.url.empty()) {
      return failure(unsupported("A file that another provider keeps means nothing to this one.", std::move(place)));
    }
    if (media.kind == Media::Kind::image) {
      writer_.begin_object().key("type").value("input_image").key("image_url").value(url_of(media));
      writer_.key("detail").value(media.detail.empty() ? std::string_view("auto") : media.detail).end_object();
      return {};
    }
    if (media.kind != Media::Kind::document) {
      return failure(unsupported("This provider's format carries no sounds and no videos.", std::move(place)));
    }
    writer_.begin_object().key("type").value("input_file");
    if (media.data.empty() && !media.url.starts_with("data:")) {
      writer_.key("file_url").value(media.url);
    } else {
      writer_.key("filename").value(media.name.empty() ? std::string_view("document") : media.name);
      writer_.key("file_data").value(url_of(media));
    }
    writer_.end_object();
    return {};
  }

  // What the model said: an item for each thought and call, one for the texts between them.
  Status write_turn(const Message& message, std::size_t index) {
    const auto& parts = message.parts;
    for (std::size_t i = 0; i < parts.size();) {
      const auto& part = parts[i];
      if (is_text(part)) {
        auto end = i;
        while (end < parts.size() && is_text(parts[end])) ++end;
        write_texts(std::span(parts).subspan(i, end - i));
        i = end;
        continue;
      }
      if (part.kind == Part::Kind::thinking) write_thought(part);
      if (part.kind == Part::Kind::tool_call) write_call(part);
      if (part.kind == Part::Kind::media) {
        return failure(unsupported("This provider's format carries no media that a model gave.",
                                   fmt::format("messages[{}].content[{}]", index, i)));
      }
      ++i;
    }
    return {};
  }

  void write_said(std::string_view text) {
    writer_.begin_object().key("role").value("assistant").key("content").value(text).end_object();
  }

  void write_texts(std::span<const Part> parts) {
    if (parts.size() == 1 && parts.front().kind == Part::Kind::text) return write_said(parts.front().text);
    writer_.begin_object().key("type").value("message").key("id").value(make_item_id("msg", "", next_item_++));
    writer_.key("role").value("assistant").key("status").value("completed").key("content").begin_array();
    for (const auto& part : parts) {
      writer_.begin_object();
      if (part.kind == Part::Kind::refusal) {
        writer_.key("type").value("refusal").key("refusal").value(part.text).end_object();
        continue;
      }
      writer_.key("type").value("output_text").key("text").value(part.text);
      writer_.key("annotations").begin_array().end_array().key("logprobs").begin_array().end_array().end_object();
    }
    writer_.end_array().end_object();
  }

  // A thought without this format's seal is another provider's, or was shown for people only.
  void write_thought(const Part& part) {
    const auto seal = split_seal(signature_for(part.signature, request_.format, wire_name));
    if (seal.encrypted.empty()) return;
    replays_ = true;
    writer_.begin_object().key("type").value("reasoning");
    if (!seal.id.empty()) writer_.key("id").value(seal.id);
    writer_.key("summary").begin_array();
    if (!part.text.empty()) {
      writer_.begin_object().key("type").value("summary_text").key("text").value(part.text).end_object();
    }
    writer_.end_array().key("encrypted_content").value(seal.encrypted).end_object();
  }

  void write_call(const Part& part) {
    writer_.begin_object().key("type").value("function_call").key("call_id").value(calls_.next_call(part));
    writer_.key("name").value(part.name);
    writer_.key("arguments").value(part.text.empty() ? std::string_view("{}") : part.text).end_object();
  }

  Status write_result(const Message& message, std::size_t index) {
    writer_.begin_object().key("type").value("function_call_output");
    writer_.key("call_id").value(calls_.of_result(message)).key("output");
    const bool plain = message.parts.empty() || (message.parts.size() == 1 && is_text(message.parts.front()));
    if (plain || (message.is_error && std::all_of(message.parts.begin(), message.parts.end(), is_text))) {
      std::string buffer;
      writer_.value(result_text(message, buffer));
    } else if (auto written = write_content(message, index); !written) {
      return written;
    }
    writer_.end_object();
    return {};
  }

  void write_tools() {
    if (request_.tools.empty()) return;
    writer_.key("tools").begin_array();
    for (const auto& tool : request_.tools) {
      writer_.begin_object().key("type").value("function").key("name").value(tool.name);
      if (!tool.description.empty()) writer_.key("description").value(tool.description);
      writer_.key("parameters");
      if (tool.parameters) {
        writer_.value(*tool.parameters);
      } else {
        writer_.raw(R"({"type":"object","properties":{}})");
      }
      // This format would try to be strict where nothing is said; others would not.
      writer_.key("strict").boolean(tool.strict.value_or(false)).end_object();
    }
    writer_.end_array();
    write_choice();
    if (request_.parallel_tool_calls) writer_.key("parallel_tool_calls").boolean(*request_.parallel_tool_calls);
  }

  void write_choice() {
    const auto& choice = request_.tool_choice;
    switch (choice.mode) {
      case ToolChoice::Mode::unset:
      case ToolChoice::Mode::foreign:
        break;
      case ToolChoice::Mode::automatic:
        writer_.key("tool_choice").value("auto");
        break;
      case ToolChoice::Mode::any:
        writer_.key("tool_choice").value("required");
        break;
      case ToolChoice::Mode::none:
        writer_.key("tool_choice").value("none");
        break;
      case ToolChoice::Mode::named:
        writer_.key("tool_choice").begin_object().key("type").value("function").key("name").value(choice.name);
        writer_.end_object();
        break;
    }
  }

  void write_text() {
    if (request_.response_format == ResponseFormat::text) return;
    writer_.key("text").begin_object().key("format").begin_object();
    if (request_.response_format == ResponseFormat::json_object) {
      writer_.key("type").value("json_object");
    } else {
      const auto title = request_.json_schema_name;
      writer_.key("type").value("json_schema").key("name").value(title.empty() ? std::string_view("answer") : title);
      writer_.key("schema");
      if (request_.json_schema) {
        writer_.value(*request_.json_schema);
      } else {
        writer_.begin_object().end_object();
      }
      if (request_.json_schema_strict) writer_.key("strict").boolean(*request_.json_schema_strict);
    }
    writer_.end_object().end_object();
  }

  void write_sampling() {
    if (request_.temperature) writer_.key("temperature").value(*request_.temperature);
    if (request_.top_p) writer_.key("top_p").value(*request_.top_p);
    // Fewer are refused there, though other formats' clients ask for 1 to see whether a model is there.
    constexpr int64_t least_output = 16;
    if (request_.max_tokens) writer_.key("max_output_tokens").value(std::max(*request_.max_tokens, least_output));
    if (request_.logprobs && request_.top_logprobs) writer_.key("top_logprobs").value(*request_.top_logprobs);
  }

  [[nodiscard]] std::string_view effort() const {
    if (!request_.reasoning_effort.empty()) return request_.reasoning_effort;
    return request_.thinking_tokens ? effort_of(*request_.thinking_tokens) : std::string_view();
  }
  [[nodiscard]] bool shows_thinking() const { return request_.show_thinking.value_or(false); }

  void write_reasoning() {
    if (effort().empty() && !shows_thinking()) return;
    writer_.key("reasoning").begin_object();
    if (!effort().empty()) writer_.key("effort").value(effort());
    if (shows_thinking()) writer_.key("summary").value("auto");
    writer_.end_object();
  }

  // Seals are asked for where thinking is: models that do not think refuse the question.
  void write_include() {
    const bool thinks = replays_ || shows_thinking() || (!effort().empty() && effort() != "none");
    if (!thinks && !request_.logprobs) return;
    writer_.key("include").begin_array();
    if (thinks) writer_.value("reasoning.encrypted_content");
    if (request_.logprobs) writer_.value("message.output_text.logprobs");
    writer_.end_array();
  }

  const Request& request_;
  const Quirks& quirks_;
  json::Writer writer_;
  CallIds calls_;
  std::size_t next_item_ = 0;
  bool replays_ = false;  // thoughts of this provider are sent back
};

}  // namespace

Result<std::string> translate_body(const Request& request, const Target& target, std::string_view prefill) {
  std::string out;
  out.reserve(request.text_bytes + 512);
  if (auto written = BodyWriter(request, target, out).write(target.model.name, prefill); !written) {
    return failure(std::move(written.error()));
  }
  return out;
}

}  // namespace weir::responses
