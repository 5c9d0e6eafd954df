#include "formats/shared/body_splicer.h"

#include <algorithm>

namespace weir {
namespace {

// Nothing but blanks between the brackets.
bool is_empty(std::string_view value) { return value.find_first_not_of(" \t\r\n", 1) == value.size() - 1; }

}  // namespace

const json::Field* BodySplicer::find(std::string_view key) const {
  const auto& fields = request_.fields();
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.key == key; });
  return found == fields.end() ? nullptr : &*found;
}

void BodySplicer::replace(const json::Field& field, std::string with) {
  splices_.push_back({.begin = field.value_begin, .end = field.value_end, .with = std::move(with)});
}

void BodySplicer::append(std::string field) {
  const auto end = request_.fields().back().value_end;
  splices_.push_back({.begin = end, .end = end, .with = "," + std::move(field)});
}

void BodySplicer::insert(const json::Field& field, std::string_view member) {
  const auto begin = field.value_begin + 1;
  std::string text(member);
  if (!is_empty(value(field))) text += ',';
  splices_.push_back({.begin = begin, .end = begin, .with = std::move(text)});
}

void BodySplicer::append_to_array(const json::Field& field, std::string_view element) {
  const auto end = field.value_end - 1;
  std::string text(is_empty(value(field)) ? "" : ",");
  text += element;
  splices_.push_back({.begin = end, .end = end, .with = std::move(text)});
}

void BodySplicer::set_model(std::string_view name) {
  const auto* const field = find("model");
  if (field != nullptr && request_.model == name) return;
  std::string text;
  json::append_string(text, name);
  if (field != nullptr) {
    replace(*field, std::move(text));
  } else {
    append("\"model\":" + text);
  }
}

void BodySplicer::set_stream(Absent absent) {
  const auto* const field = find("stream");
  const bool said = field != nullptr && value(*field) != "null";
  const bool streams = said ? value(*field) == "true" : absent == Absent::streamed;
  if (streams == request_.stream) return;
  std::string text(request_.stream ? "true" : "false");
  if (field != nullptr) {
    replace(*field, std::move(text));
  } else {
    append("\"stream\":" + text);
  }
}

std::string BodySplicer::take() {
  std::stable_sort(splices_.begin(), splices_.end(),
                   [](const json::Splice& a, const json::Splice& b) { return a.begin < b.begin; });
  return json::apply(text_, splices_, request_.spare_text());
}

}  // namespace weir
