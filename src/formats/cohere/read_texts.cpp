// Request bodies of embed and rerank → Request.
#include "formats/cohere/request_reader.h"

namespace weir::cohere_client {

bool RequestReader::embed_texts(const Element& value, const Place& place, std::string_view) {
  if (!texts(value, place, Alone::refused, request_.inputs)) return false;
  for (const auto text : request_.inputs) count(text);
  has_inputs_ = has_inputs_ || !request_.inputs.empty();
  return true;
}

bool RequestReader::embed_images(const Element& value, const Place& place, std::string_view) {
  json::Array list;
  if (!read(value, place, list)) return false;
  if (list.size() == 0) return true;
  has_inputs_ = true;
  request_.has_images = true;
  only_here(place, "images to embed");
  return true;
}

// Texts and images in one: a text alone is what everybody embeds.
bool RequestReader::embed_inputs(const Element& value, const Place& place, std::string_view) {
  json::Array list;
  if (!read(value, place, list)) return false;
  std::size_t index = 0;
  for (const auto element : list) {
    const Place here{.outer = &place, .key = {}, .index = index++};
    json::Object object;
    if (!read(element, here, object) || !embed_input(object, here)) return false;
    has_inputs_ = true;
  }
  return true;
}

bool RequestReader::embed_input(const json::Object& object, const Place& place) {
  const Place here{.outer = &place, .key = "content"};
  Element value;
  std::vector<Part> parts;
  if (object.at_key("content").get(value) != simdjson::SUCCESS) return missing(here);
  if (!content(value, here, parts)) return false;
  if (parts.size() == 1 && parts.front().kind == Part::Kind::text) {
    request_.inputs.push_back(parts.front().text);
  } else {
    only_here(here, "an input that is not one text");
  }
  return true;
}

bool RequestReader::input_type(const Element& value, const Place& place, std::string_view) {
  return read(value, place, request_.task);
}

bool RequestReader::embedding_types(const Element& value, const Place& place, std::string_view) {
  std::vector<std::string_view> types;
  if (!texts(value, place, Alone::refused, types)) return false;
  bool plain = types.empty();
  for (const auto type : types) {
    plain = plain || type == "float";
    if (type != "float" && type != "base64") only_here(place, fmt::format("embeddings as '{}'", type));
  }
  request_.wants_base64 = !plain;
  return true;
}

bool RequestReader::dimensions(const Element& value, const Place& place, std::string_view) {
  return read(value, place, request_.dimensions);
}

std::span<const RequestReader::Known> RequestReader::embedding_fields() {
  static constexpr std::array known = {
      Known{"model", &RequestReader::model},
      Known{"texts", &RequestReader::embed_texts},
      Known{"images", &RequestReader::embed_images},
      Known{"inputs", &RequestReader::embed_inputs},
      Known{"input_type", &RequestReader::input_type},
      Known{"embedding_types", &RequestReader::embedding_types},
      Known{"output_dimension", &RequestReader::dimensions},
      Known{"max_tokens", &RequestReader::only_cohere},
      Known{"truncate", &RequestReader::hint},
      Known{"priority", &RequestReader::hint},
  };
  return known;
}

bool RequestReader::read_embedding() {
  if (!read_fields(*this, embedding_fields()) || !needs_model()) return false;
  request_.prompts = std::max<int64_t>(1, static_cast<int64_t>(request_.inputs.size()));
  return has_inputs_ || missing(Place{.key = "texts"});
}

bool RequestReader::query(const Element& value, const Place& place, std::string_view) {
  return read(value, place, request_.rerank.query);
}

// Texts, or objects with a text in them.
bool RequestReader::rank_documents(const Element& value, const Place& place, std::string_view) {
  json::Array list;
  if (!read(value, place, list)) return false;
  if (list.size() == 0) return fail(place, "Invalid 'documents': the array is empty; at least one is needed.");
  auto& documents = request_.rerank.documents;
  documents.reserve(list.size());
  for (const auto element : list) {
    const Place here{.outer = &place, .key = {}, .index = documents.size()};
    json::Object object;
    std::string_view text;
    if (element.get(object) == simdjson::SUCCESS) {
      if (!text_member(object, "text", here, text)) return false;
    } else if (element.get(text) != simdjson::SUCCESS) {
      return wrong_type(here, "a string or an object with a 'text'", element);
    }
    count(text);
    documents.push_back(text);
  }
  return true;
}

bool RequestReader::top_n(const Element& value, const Place& place, std::string_view) {
  if (!read(value, place, request_.rerank.top_n)) return false;
  return *request_.rerank.top_n > 0 || fail(place, "Invalid 'top_n': it must be 1 or more.");
}

bool RequestReader::return_documents(const Element& value, const Place& place, std::string_view) {
  return read(value, place, request_.rerank.return_documents);
}

// Which members of a document count: by default its text.
bool RequestReader::rank_fields(const Element& value, const Place& place, std::string_view) {
  std::vector<std::string_view> fields;
  if (!texts(value, place, Alone::refused, fields)) return false;
  if (!fields.empty() && fields != std::vector<std::string_view>{"text"})
    only_here(place, "documents ranked by fields");
  return true;
}

std::span<const RequestReader::Known> RequestReader::rerank_fields() {
  static constexpr std::array known = {
      Known{"model", &RequestReader::model},
      Known{"query", &RequestReader::query},
      Known{"documents", &RequestReader::rank_documents},
      Known{"top_n", &RequestReader::top_n},
      Known{"return_documents", &RequestReader::return_documents},
      Known{"rank_fields", &RequestReader::rank_fields},
      Known{"max_tokens_per_doc", &RequestReader::only_cohere},
      Known{"max_chunks_per_doc", &RequestReader::only_cohere},
      Known{"priority", &RequestReader::hint},
  };
  return known;
}

bool RequestReader::read_rerank() {
  if (!read_fields(*this, rerank_fields()) || !needs_model()) return false;
  const auto& rerank = request_.rerank;
  if (rerank.query.empty()) return missing(Place{.key = "query"});
  if (rerank.documents.empty()) return missing(Place{.key = "documents"});
  // The model reads the query anew with each document.
  request_.text_bytes += rerank.query.size() * rerank.documents.size();
  return true;
}

}  // namespace weir::cohere_client
