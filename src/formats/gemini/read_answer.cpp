// Bodies of whole answers, streams and lists of models in Gemini's format → canonical form.
#include <fmt/format.h>

#include "formats/gemini/answer_reader.h"
#include "formats/gemini/client_face.h"
#include "formats/gemini/model_face.h"
#include "formats/gemini/names.h"
#include "formats/shared/assembler.h"
#include "formats/shared/errors.h"
#include "formats/shared/mended_answer.h"

namespace weir::gemini {
namespace {

using json::Element;
using Kind = StreamEvent::Kind;

tl::unexpected<Error> malformed(std::string_view what) {
  return failure(ErrorCode::upstream_malformed, fmt::format("The provider's answer is malformed: {}.", what));
}

Status read_values(const Element& embedding, std::vector<float>& out) {
  json::Object object;
  Element values;
  json::Array list;
  if (embedding.get(object) != simdjson::SUCCESS || !find(object, "values", values) ||
      values.get(list) != simdjson::SUCCESS) {
    return malformed("an embedding has no 'values'");
  }
  out.reserve(list.size());
  for (const auto one : list) {
    double number = 0;
    if (one.get(number) != simdjson::SUCCESS) return malformed("an embedding holds something that is no number");
    out.push_back(static_cast<float>(number));
  }
  return {};
}

Status read_embeddings(const Element& root, Response& response) {
  json::Object object;
  if (root.get(object) != simdjson::SUCCESS) return malformed("it is no JSON object");
  if (is_error_body(object)) return failure(classify_body(root, 0));
  Element value;
  json::Array list;
  json::Object usage;
  if (find(object, "usageMetadata", value) && value.get(usage) == simdjson::SUCCESS) response.usage = read_usage(usage);
  if (find(object, "embedding", value)) return read_values(value, response.embeddings.emplace_back());
  if (!find(object, "embeddings", value) || value.get(list) != simdjson::SUCCESS) {
    return malformed("it has neither 'embedding' nor 'embeddings'");
  }
  for (const auto one : list) {
    if (auto read = read_values(one, response.embeddings.emplace_back()); !read) return read;
  }
  return {};
}

// One answer, or a stream's chunks in a list, as they come to those who do not ask for events.
Result<Response> read_chunks(const Request& request, const Element& root) {
  StreamState state;
  AnswerReader reader(request, state);
  AnswerAssembler assembler;
  std::vector<StreamEvent> events;
  std::vector<int64_t> others;
  const auto take = [&](const Element& one) -> Status {
    events.clear();
    if (auto read = reader.read(one, events); !read) return read;
    for (auto& event : events) {
      if (event.kind == Kind::other) others.push_back(event.index);
      if (auto added = assembler.add(std::move(event)); !added) return added;
    }
    return {};
  };
  json::Array list;
  if (root.get(list) == simdjson::SUCCESS) {
    for (const auto one : list) {
      if (auto taken = take(one); !taken) return failure(std::move(taken.error()));
    }
  } else if (auto taken = take(root); !taken) {
    return failure(std::move(taken.error()));
  }
  for (const auto index : others) {  // they are content, though it cannot be shown elsewhere
    (void)assembler.add({.kind = Kind::text, .index = index});
  }
  (void)assembler.add({.kind = Kind::done});
  auto response = assembler.take(request.operation, state);
  if (!response) return response;
  for (auto& choice : response->choices) {
    choice.has_other = std::find(others.begin(), others.end(), choice.index) != others.end();
  }
  return response;
}

class Reader final : public EventReader {
 public:
  explicit Reader(const Request& request)
      : answer_(request, state_), mirrors_(request.format == format_name && request.answer_shape == shape_array) {}

  Status read(const FramedEvent& event, json::Document& scratch, std::vector<StreamEvent>& out) override {
    state_.forwarding.way = Forwarding::Way::as_it_came;
    auto text = event.has_data ? event.data : event.raw;
    while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
    while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
    if (text == "[DONE]") {  // proxies say it; the end of the stream says the same
      state_.forwarding.way = Forwarding::Way::from_events;
      return {};
    }
    if (auto parsed = scratch.parse_copy(text); !parsed) return unreadable(text, parsed.error().message, out);
    const auto before = out.size();
    auto read = answer_.read(scratch.root(), out);
    const bool failed = std::any_of(out.begin() + static_cast<std::ptrdiff_t>(before), out.end(),
                                    [](const StreamEvent& one) { return one.kind == Kind::error; });
    if (failed || mirrors_) state_.forwarding.way = Forwarding::Way::from_events;
    if (read && mirrors_ && !failed) mirror(scratch.root(), before, out);
    return read;
  }

 private:
  // An answer's words must not be lost without one.
  Status unreadable(std::string_view text, const std::string& why, std::vector<StreamEvent>& out) {
    if (text.find("\"candidates\"") == std::string_view::npos && text.find("\"parts\"") == std::string_view::npos) {
      return failure(ErrorCode::upstream_malformed, "A stream event is no JSON: " + why);
    }
    state_.forwarding.way = Forwarding::Way::from_events;
    out.push_back({.kind = Kind::error,
                   .error = {.code = ErrorCode::upstream_malformed,
                             .message = "The provider's stream has an event that cannot be read: " + why}});
    return {};
  }

  // The chunk as it came, for a client that wants it in another framing; in front of what it means. Those without
  // content wait for the first that has some: until then another model may answer in place of this one.
  void mirror(const Element& root, std::size_t before, std::vector<StreamEvent>& out) {
    StreamEvent chunk{.kind = Kind::other};
    chunk.text = simdjson::minify(root);
    waiting_.push_back(std::move(chunk));
    begun_ = begun_ || std::any_of(out.begin() + static_cast<std::ptrdiff_t>(before), out.end(),
                                   [](const StreamEvent& one) { return one.is_content() || one.kind == Kind::finish; });
    if (!begun_) return;
    out.insert(out.begin() + static_cast<std::ptrdiff_t>(before), std::make_move_iterator(waiting_.begin()),
               std::make_move_iterator(waiting_.end()));
    waiting_.clear();
  }

  AnswerReader answer_;
  const bool mirrors_;
  bool begun_ = false;
  std::vector<StreamEvent> waiting_;
};

}  // namespace

Result<Response> read_answer(const Request& request, std::string body, json::DocumentPool& pool) {
  auto document = pool.take();
  if (auto parsed = parse_answer(*document, std::move(body)); !parsed) return malformed(parsed.error().message);
  Result<Response> response = Response{};
  if (request.operation == Operation::embedding) {
    response->operation = request.operation;
    if (auto read = read_embeddings(document->root(), *response); !read) return failure(std::move(read.error()));
    const bool complete = request.format == format_name || response->embeddings.size() == request.inputs.size();
    if (!complete) return malformed("it has not as many embeddings as there were texts");
  } else {
    response = read_chunks(request, document->root());
    if (!response) return response;
  }
  const bool single = document->root().is_object();
  if (single) response->raw = document->take_text();
  return response;
}

std::unique_ptr<EventReader> make_reader(const Request& request) { return std::make_unique<Reader>(request); }

// What neither answers nor embeds (it draws, speaks, or only takes live sessions) is not listed.
Result<ModelList> read_models(std::string body) {
  json::Document document;
  if (auto parsed = document.parse(std::move(body)); !parsed) return malformed(parsed.error().message);
  json::Object object;
  Element value;
  json::Array list;
  if (document.root().get(object) != simdjson::SUCCESS) return malformed("the list of models is no JSON object");
  if (is_error_body(object)) return failure(classify_body(document.root(), 0));
  const bool listed = find(object, "models", value) || find(object, "publisherModels", value);
  if (!listed || value.get(list) != simdjson::SUCCESS) return malformed("the list of models has no 'models'");
  ModelList found;
  for (const auto element : list) {
    json::Object model;
    if (element.get(model) != simdjson::SUCCESS) continue;
    auto name = text_of(model, "name");
    if (const auto at = name.rfind("models/"); at != std::string_view::npos && !name.starts_with("tunedModels/")) {
      name.remove_prefix(at + 7);
    }
    json::Array methods;
    bool useful = true;
    if (find(model, "supportedGenerationMethods", value) && value.get(methods) == simdjson::SUCCESS) {
      useful = std::any_of(methods.begin(), methods.end(), [](const Element& one) {
        std::string_view method;
        return one.get(method) == simdjson::SUCCESS && (method == "generateContent" || method == "embedContent");
      });
    }
    if (useful && !name.empty()) found.models.push_back({.name = std::string(name), .owner = {}});
  }
  return found;
}

}  // namespace weir::gemini
