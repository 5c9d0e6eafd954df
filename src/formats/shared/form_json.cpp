#include "formats/shared/form_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/json.h"
#include "core/unreadable.h"
#include "core/utf8.h"

namespace weir {
namespace {

bool is_text(std::string_view bytes) {
  return !has_controls(bytes) && simdjson::validate_utf8(bytes.data(), bytes.size());
}

// As a file of that kind is: by its place in the form, by what is said of it and by its first bytes.
bool is_one_of(UnreadableSet kinds, const FormField& field) {
  constexpr std::size_t first_bytes = 64;
  const auto fits = [kinds](UnreadableSet kind) { return kind == 0 || (kind & kinds) != 0; };
  const bool holds_others = field.type.starts_with("multipart/") || field.type.starts_with("message/");
  // What says nothing: the bytes do.
  constexpr std::array<std::string_view, 4> vague = {"application/octet-stream", "application/ogg", "application/mp4",
                                                     "application/x-"};
  const bool says_nothing =
      std::any_of(vague.begin(), vague.end(), [&](std::string_view type) { return field.type.starts_with(type); });
  return !holds_others && (says_nothing || fits(kind_of_media_type(field.type))) &&
         fits(kind_of_bytes(field.value.substr(0, first_bytes)));
}

std::string_view medium_of(const FormField& field, FormOf what) {
  if (what == FormOf::sound && field.name == "file" && is_one_of(unreadable_audio | unreadable_video, field))
    return "input_audio";
  const bool is_picture = field.name.starts_with("image") || field.name == "mask";
  if (what == FormOf::picture && is_picture && is_one_of(unreadable_images, field)) return "input_image";
  return "input_file";
}

void write_file(json::Writer& writer, const FormField& field, FormOf what) {
  const bool readable = is_text(field.value);
  const bool kept_as_text = what == FormOf::file && readable;
  writer.key(kept_as_text ? "filename" : medium_of(field, what)).begin_object();
  writer.key("name").value(field.file_name).key(part_header_key).value(field.head);
  if (readable && !kept_as_text) writer.key("text").value(field.value);
  writer.end_object();
  if (kept_as_text) writer.key(field.name).value(field.value);
}

}  // namespace

std::string form_as_json(const std::vector<FormField>& fields, FormOf what) {
  std::string text;
  json::Writer writer(text);
  writer.begin_object();
  for (const auto& field : fields) {
    // In whatever alphabet it is: JSON has no place for it, and guards see something else.
    if (!is_text(field.head) || (!field.is_file && !is_text(field.value)))
      writer.key("input_file").begin_object().key(part_header_key).value(field.head).end_object();
    if (field.is_file) {
      write_file(writer, field, what);
      continue;
    }
    writer.key(field.name).value(field.value);
    if (field.head != fmt::format("Content-Disposition: form-data; name=\"{}\"", field.name))
      writer.key(part_header_key).value(field.head);
  }
  writer.end_object();
  return text;
}

}  // namespace weir
