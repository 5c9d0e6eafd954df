#include "formats/ollama/model_face.h"

#include "formats/ollama/splice_request.h"
#include "formats/shared/errors.h"
#include "formats/shared/translation.h"

namespace weir::ollama_provider {
namespace {

class Reader final : public EventReader {
 public:
  Status read(const FramedEvent& line, json::Document& scratch, std::vector<StreamEvent>& out) override {
    return read_line(line.data, state_, scratch, out);
  }
};

std::string_view path_of(Operation operation) {
  if (operation == Operation::completion) return "/api/generate";
  return operation == Operation::embedding ? "/api/embed" : "/api/chat";
}

class Face final : public ModelFace {
 public:
  Result<HttpRequest> write(const Request& request, const Target& target, std::string_view prefill) const override {
    HttpRequest http;
    http.headers.add("Content-Type", "application/json");
    add_bearer(target.provider, http.headers);
    if (passes_bytes(request, prefill)) {
      http.path = path_of_own(request);
      http.body = splice_body(request, target, prefill);
      return http;
    }
    auto body = write_body(request, target, prefill);
    if (!body) return failure(std::move(body.error()));
    http.path = path_of(request.operation);
    http.body = std::move(*body);
    return http;
  }
  Result<Response> read(const Request& request, std::string body, json::DocumentPool& pool) const override {
    return read_answer(request, std::move(body), pool);
  }
  std::unique_ptr<EventReader> stream(const Request&) const override { return std::make_unique<Reader>(); }
  Error classify(const HttpResponse& response) const override { return classify_response(response); }

  HttpRequest list_models(const ProviderSettings& provider) const override {
    HttpRequest http{.method = "GET", .path = "/api/tags"};
    add_bearer(provider, http.headers);
    return http;
  }
  Result<ModelList> read_models(std::string body) const override {
    return ollama_provider::read_models(std::move(body));
  }
  std::vector<ModelQuestion> ask_more(const ProviderSettings& provider, const ModelList& list) const override {
    constexpr std::size_t most = 64;
    std::vector<ModelQuestion> questions;
    for (std::size_t i = 0; i < std::min(list.models.size(), most); ++i) {
      ModelQuestion question{.ask = {.method = "POST", .path = "/api/show"}, .model = i};
      question.ask.headers.add("Content-Type", "application/json");
      add_bearer(provider, question.ask.headers);
      json::Writer(question.ask.body).begin_object().key("model").value(list.models[i].name).end_object();
      questions.push_back(std::move(question));
    }
    return questions;
  }
  void read_more(const ModelQuestion& question, std::string_view body, ModelList& list) const override {
    if (question.model < list.models.size()) read_model(body, list.models[question.model]);
  }
  bool takes(std::string_view field) const override {
    return field == "options" || field == "keep_alive" || field == "min_p" || field == "repeat_penalty";
  }
};

}  // namespace

const ModelFace& face() {
  static const Face one;
  return one;
}

}  // namespace weir::ollama_provider
