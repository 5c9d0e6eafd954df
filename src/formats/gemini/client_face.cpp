#include "formats/gemini/client_face.h"

#include <algorithm>

namespace weir::gemini {
namespace {

constexpr std::string_view model_list = "/v1beta/models";
constexpr std::string_view one_model = "/v1beta/models/*";

constexpr PathPattern chat(std::string_view path) {
  return {.method = "POST", .path = path, .operation = Operation::chat};
}
constexpr PathPattern chat_stream(std::string_view path) {
  return {.method = "POST", .path = path, .operation = Operation::chat, .streams = true};
}
constexpr PathPattern tokens(std::string_view path) {
  return {.method = "POST", .path = path, .operation = Operation::token_count};
}
constexpr PathPattern embedding(std::string_view path) {
  return {.method = "POST", .path = path, .operation = Operation::embedding};
}

// The Gemini API, in both of its versions, then Vertex AI, whose paths have the project and the place in front.
constexpr std::array patterns = {
    chat("/v1beta/models/*:generateContent"),
    chat_stream("/v1beta/models/*:streamGenerateContent"),
    tokens("/v1beta/models/*:countTokens"),
    embedding("/v1beta/models/*:embedContent"),
    embedding("/v1beta/models/*:batchEmbedContents"),
    chat("/v1beta/tunedModels/*:generateContent"),
    chat_stream("/v1beta/tunedModels/*:streamGenerateContent"),
    PathPattern{.method = "GET", .path = model_list, .info = true},
    PathPattern{.method = "GET", .path = one_model, .info = true},
    chat("/v1/models/*:generateContent"),
    chat_stream("/v1/models/*:streamGenerateContent"),
    tokens("/v1/models/*:countTokens"),
    embedding("/v1/models/*:embedContent"),
    embedding("/v1/models/*:batchEmbedContents"),
    chat("/v1/projects/*:generateContent"),
    chat_stream("/v1/projects/*:streamGenerateContent"),
    tokens("/v1/projects/*:countTokens"),
    chat("/v1beta1/projects/*:generateContent"),
    chat_stream("/v1beta1/projects/*:streamGenerateContent"),
    tokens("/v1beta1/projects/*:countTokens"),
    chat("/v1beta1/publishers/*:generateContent"),
    chat_stream("/v1beta1/publishers/*:streamGenerateContent"),
    tokens("/v1beta1/publishers/*:countTokens"),
};

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low < 0) {
      out += text[i];
    } else {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

void write_card(json::Writer& writer, const ModelCard& card) {
  writer.begin_object().key("name").value("models/" + std::string(card.id));
  writer.key("version").value("001").key("displayName").value(card.id);
  if (!card.description.empty()) writer.key("description").value(card.description);
  if (card.context_length > 0) writer.key("inputTokenLimit").value(card.context_length);
  if (card.max_output > 0) writer.key("outputTokenLimit").value(card.max_output);
  writer.key("supportedGenerationMethods").begin_array();
  if (holds(card.serves, Operation::chat)) {
    writer.value("generateContent").value("streamGenerateContent").value("countTokens");
  }
  if (holds(card.serves, Operation::embedding)) writer.value("embedContent").value("batchEmbedContents");
  writer.end_array().end_object();
}

class Face final : public ClientFace {
 public:
  std::span<const PathPattern> paths() const override { return patterns; }
  Result<Request> read(Asked asked, json::DocumentPool& pool) const override {
    return read_request(std::move(asked), pool);
  }
  std::string write(const Response& response, const Request& request) const override {
    return request.operation == Operation::embedding ? write_embeddings(response, request)
                                                     : write_answer(response, request);
  }
  std::unique_ptr<EventWriter> stream(const Request& request) const override { return make_writer(request); }
  std::string write_error(const Error& error) const override { return gemini::write_error(error); }
  // Google's are letters without a mark in front.
  std::string make_id(std::string_view unique, Operation) const override { return std::string(unique); }

  std::string_view stream_type(const Request& request) const override {
    return request.answer_shape == shape_array ? std::string_view("application/json; charset=utf-8")
                                               : std::string_view("text/event-stream; charset=utf-8");
  }
  std::string write_count(int64_t tokens, const Request&) const override {
    std::string out;
    json::Writer(out).begin_object().key("totalTokens").value(tokens).end_object();
    return out;
  }

  // One page holds them all.
  Result<std::string> inform(const Inquiry& inquiry, std::span<const ModelCard> cards) const override {
    std::string out;
    json::Writer writer(out);
    if (inquiry.path == one_model) {
      const auto name = model_of(inquiry.named);
      const auto* const card =
          std::find_if(cards.data(), cards.data() + cards.size(), [&](const ModelCard& one) { return one.id == name; });
      if (card == cards.data() + cards.size()) {
        return failure(ErrorCode::unknown_model,
                       "models/" + name + " is not found here; GET /v1beta/models lists all.");
      }
      write_card(writer, *card);
      return out;
    }
    writer.begin_object().key("models").begin_array();
    for (const auto& card : cards) write_card(writer, card);
    writer.end_array().end_object();
    return out;
  }
};

}  // namespace

std::string model_of(std::string_view named) {
  auto name = percent_decoded(named);
  // `PROJECT/locations/PLACE/publishers/google/models/NAME`, or from `google/` on.
  for (const std::string_view before : {"publishers/google/models/", "google/models/"}) {
    const auto at = name.find(before);
    if (at == 0 || (at != std::string::npos && before.starts_with("publishers")))
      return name.substr(at + before.size());
  }
  if (name.starts_with("models/")) name.erase(0, 7);
  return name;
}

bool wants_events(std::string_view query) {
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto one = query.substr(0, end);
    if (one == "alt=sse" || one == "%24alt=sse" || one == "$alt=sse") return true;
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return false;
}

const ClientFace& client_side() {
  static const Face one;
  return one;
}

}  // namespace weir::gemini
