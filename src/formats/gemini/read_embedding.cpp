// Bodies of embedContent and batchEmbedContents → Request. The requests of one batch may differ only in their text: to
// another format they are one request with several inputs.
#include <fmt/format.h>

#include "formats/gemini/client_face.h"
#include "formats/gemini/request_reader.h"
#include "formats/gemini/tasks.h"

namespace weir::gemini {

bool RequestReader::embedding(const json::Object& body, const Place* outer) {
  bool has_requests = false;
  bool has_content = false;
  wanted_ = {};
  for (const auto member : body) {
    const Place here{.outer = outer, .key = member.key};
    if (member.value.is_null()) continue;
    if (member.key == "requests" && outer == nullptr) {
      if (has_requests) return fail(here, "Duplicate parameter: 'requests' is given twice.");
      has_requests = true;
      request_.answer_shape = shape_batch;
      const bool good = each(member.value, here, [this](const Element& one, const Place& at) {
        json::Object inner;
        return read(one, at, inner) && embedding(inner, &at);
      });
      if (!good) return false;
    } else if (member.key == "content") {
      if (has_content) return fail(here, "Duplicate parameter: 'content' is given twice.");
      has_content = true;
      if (!embedded(member.value, here)) return false;
    } else if (!embedding_setting(member.key, member.value, here)) {
      return false;
    }
  }
  if (!has_requests && !has_content) {
    return missing(Place{.outer = outer, .key = "content"});
  }
  if (has_requests && request_.inputs.empty()) return fail(Place{.key = "requests"}, "'requests' is empty.");
  if (has_content) same_wants(outer != nullptr ? *outer : Place{.key = "content"});
  request_.prompts = static_cast<int64_t>(request_.inputs.size());
  return true;
}

// All requests of a batch must want the same.
void RequestReader::same_wants(const Place& place) {
  if (request_.inputs.size() == 1) {
    request_.dimensions = wanted_.dimensions;
    request_.task = wanted_.task;
  } else if (request_.dimensions != wanted_.dimensions) {
    foreign(Place{.outer = &place, .key = "outputDimensionality"}, "vectors of several lengths");
  } else if (request_.task != wanted_.task) {
    foreign(Place{.outer = &place, .key = "taskType"}, "several tasks at once");
  }
}

bool RequestReader::embedding_setting(std::string_view key, const Element& value, const Place& place) {
  if (is_named(key, "outputDimensionality")) return read(value, place, wanted_.dimensions);
  if (is_named(key, "taskType")) {
    const auto task = enumerator_of(value, google_tasks);
    if (!task) return fail(place, fmt::format("Invalid value for '{}'.", to_string(place)));
    wanted_.task = common_tasks[*task];
  } else if (key == "title") {
    foreign(place, "the title of a document");
  } else if (is_named(key, "embedContentConfig")) {
    json::Object object;
    if (!read(value, place, object)) return false;
    for (const auto member : object) {
      if (member.value.is_null()) continue;
      const Place here{.outer = &place, .key = member.key};
      if (!embedding_setting(member.key, member.value, here)) return false;
    }
  } else if (key != "model") {
    leave_out(key);
  }
  return true;
}

// All texts of one content are one input.
bool RequestReader::embedded(const Element& value, const Place& place) {
  json::Object object;
  Element list;
  if (!read(value, place, object)) return false;
  const Place parts_place{.outer = &place, .key = "parts"};
  if (!find(object, "parts", list)) return missing(parts_place);
  std::string_view first;
  std::string joined;
  std::size_t pieces = 0;
  const bool good = each(list, parts_place, [&](const Element& one, const Place& here) {
    json::Object part;
    Element text;
    if (!read(one, here, part)) return false;
    if (!find(part, "text", text)) return foreign(here, "something to embed that is no text");
    std::string_view words;
    if (!read(text, Place{.outer = &here, .key = "text"}, words)) return false;
    if (pieces == 0) first = words;
    if (pieces == 1) joined = first;
    if (pieces++ > 0) joined.append(" ").append(words);
    return true;
  });
  if (!good) return false;
  request_.inputs.push_back(pieces > 1 ? request_.keep(std::move(joined)) : first);
  count(request_.inputs.back());
  return true;
}

}  // namespace weir::gemini
