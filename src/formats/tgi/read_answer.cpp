// Whole answers and streams of TGI's own API.
#include "formats/shared/errors.h"
#include "formats/shared/mended_answer.h"
#include "formats/shared/said.h"
#include "formats/tgi/model_face.h"

namespace weir::tgi {
namespace {

using Kind = StreamEvent::Kind;

tl::unexpected<Error> malformed(std::string_view what) {
  return failure(ErrorCode::upstream_malformed, "The provider's answer cannot be used: " + std::string(what) + ".");
}

// A token count, as far as it can be one.
int64_t count(const json::Object& object, std::string_view key) {
  return std::max<int64_t>(json::int_or(object, key), 0);
}

class Reader final : public EventReader {
 public:
  Status read(const FramedEvent& event, json::Document& scratch, std::vector<StreamEvent>& out) override {
    if (!event.has_data) return {};
    if (event.data == "[DONE]") {
      out.push_back({.kind = Kind::done});
      return {};
    }
    json::Object object;
    if (auto parsed = scratch.parse_copy(event.data); !parsed) return malformed(parsed.error().message);
    if (scratch.root().get(object) != simdjson::SUCCESS) return malformed("an event is JSON, but no object");
    if (is_error_body(object)) {
      out.push_back({.kind = Kind::error, .error = classify_body(scratch.root(), 0)});
      return {};
    }
    const auto before = out.size();
    token(object, out);
    last(object, out);
    if (out.size() == before) out.emplace_back();  // it lives
    return {};
  }

 private:
  // Special ones end the text or part its turns: they are none of it.
  void token(const json::Object& object, std::vector<StreamEvent>& out) {
    json::Object token;
    bool special = false;
    if (object.at_key("token").get(token) != simdjson::SUCCESS) return;
    json::read_if(token.at_key("special"), special);
    auto text = special ? std::string() : said_text(token, "text");
    if (!text.empty()) out.push_back({.kind = Kind::text, .text = std::move(text)});
  }

  void last(const json::Object& object, std::vector<StreamEvent>& out) {
    json::Object details;
    if (object.at_key("details").get(details) != simdjson::SUCCESS) {
      // Of a server that gives no details.
      if (!json::string_or(object, "generated_text").empty())
        out.push_back({.kind = Kind::finish, .finish = state_.finish = FinishReason::stop});
      return;
    }
    state_.finish = finish_of(json::string_or(details, "finish_reason"));
    out.push_back({.kind = Kind::finish, .finish = state_.finish});
    json::Element input;
    if (details.at_key("input_length").get(input) != simdjson::SUCCESS) return;
    state_.usage = {
        .input = count(details, "input_length"), .output = count(details, "generated_tokens"), .known = true};
    state_.usage_seen = true;
    out.push_back({.kind = Kind::usage, .usage = state_.usage});
  }
};

// Without the prompt's own count the whole is estimated.
void read_details(const json::Object& answer, Response& response) {
  json::Object details;
  json::Array prefill;
  if (answer.at_key("details").get(details) != simdjson::SUCCESS) return;
  response.choices.front().finish = finish_of(json::string_or(details, "finish_reason"));
  if (details.at_key("prefill").get(prefill) != simdjson::SUCCESS || prefill.size() == 0) return;
  response.usage = {
      .input = static_cast<int64_t>(prefill.size()), .output = count(details, "generated_tokens"), .known = true};
}

}  // namespace

FinishReason finish_of(std::string_view reason) {
  return reason == "length" ? FinishReason::length : FinishReason::stop;
}

Result<Response> read_answer(const Request& request, std::string body, json::DocumentPool& pool) {
  auto document = pool.take();
  if (auto parsed = parse_answer(*document, std::move(body)); !parsed) return malformed(parsed.error().message);
  auto root = document->root();
  json::Array several;  // older servers answer with a list of one
  if (root.get(several) == simdjson::SUCCESS && several.size() == 1) root = several.at(0).value_unsafe();
  json::Object object;
  if (root.get(object) != simdjson::SUCCESS) return malformed("it is no JSON object");
  if (is_error_body(object)) return failure(classify_body(root, 0));
  std::string_view text;
  if (object.at_key("generated_text").get(text) != simdjson::SUCCESS) return malformed("it has no 'generated_text'");
  Response response{.operation = request.operation};
  auto& choice = response.choices.emplace_back();
  choice.add_text(Part::Kind::text, text);
  choice.finish = FinishReason::stop;
  read_details(object, response);
  response.raw = document->take_text();
  return response;
}

std::unique_ptr<EventReader> make_reader() { return std::make_unique<Reader>(); }

}  // namespace weir::tgi
