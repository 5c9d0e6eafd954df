// Forms as they arrive: however they are cut, the same form; what is put aside is a file's whole value, and nothing
// that goes out is kept from the guards. The first byte says how large the pieces are.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>

#include "core/json.h"
#include "formats/shared/form_json.h"
#include "server/form_spool.h"

namespace {

constexpr std::string_view boundary = "B";

void must(bool holds) {
  if (!holds) std::abort();
}

// The form with the files in their places.
std::string whole(const std::string& text, const weir::net::SpilledForm* files) {
  if (files == nullptr) return text;
  std::string out;
  for (const auto& piece : files->pieces(text)) {
    std::string bytes(piece.text);
    if (piece.size > 0) {
      bytes.resize(static_cast<std::size_t>(piece.size));
      must(files->read(piece.begin, bytes) == bytes.size());
    }
    out += bytes;
  }
  return out;
}

void check(std::string_view form, std::size_t step) {
  weir::FormSpool taker(boundary, std::filesystem::temp_directory_path(),
                        {.file_in_memory = 16, .text = 64 * 1024, .all = 1024 * 1024});
  for (std::size_t at = 0; at < form.size(); at += step) {
    if (!taker.take(form.substr(at, step))) return;
  }
  if (!taker.finish()) return;
  const auto text = taker.text();
  const auto files = taker.files();
  must(whole(text, files.get()) == form);
  const auto seen = weir::read_form(text, boundary);
  const auto real = weir::read_form(form, boundary);
  must(seen.has_value() == real.has_value());
  if (!seen) return;
  must(seen->size() == real->size());
  for (std::size_t i = 0; i < seen->size(); ++i) {
    const auto& [mine, theirs] = std::pair((*seen)[i], (*real)[i]);
    must(mine.head == theirs.head && mine.name == theirs.name && mine.is_file == theirs.is_file);
    const bool aside = files && files->is_mark(mine.value);
    must(aside ? mine.is_file && mine.name == "file" : mine.value == theirs.value);
  }
  for (const auto what : {weir::FormOf::sound, weir::FormOf::picture, weir::FormOf::file}) {
    weir::json::Document document;
    if (!document.parse(weir::form_as_json(*real, what))) continue;  // it is no UTF-8, and refused
    document.survey();
    for (const auto& field : *real) {
      const auto told = [&](std::string_view part) {
        return part.empty() || std::any_of(document.texts().begin(), document.texts().end(), [&](std::string_view one) {
                 return one.find(part) != std::string_view::npos;
               });
      };
      const bool unreadable = (document.carries() & weir::unreadable_files) != 0;
      must(unreadable || (told(field.name) && (field.is_file || told(field.value))));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view form(reinterpret_cast<const char*>(data) + 1, size - 1);
  check(form, static_cast<std::size_t>(data[0]) + 1);
  return 0;
}
