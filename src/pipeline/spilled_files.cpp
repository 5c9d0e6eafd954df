#include "pipeline/spilled_files.h"

#include <algorithm>
#include <span>
#include <vector>

#include "formats/shared/multipart.h"
#include "pipeline/in_turns.h"

namespace weir {
namespace {

constexpr std::size_t window_bytes = 256 * 1024;
constexpr std::size_t overlap_bytes = 4 * 1024;

bool continues_a_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

// Without the halves of characters at its ends.
std::string_view whole_characters(std::string_view bytes) {
  while (!bytes.empty() && continues_a_character(bytes.front())) bytes.remove_prefix(1);
  auto end = bytes.size();
  while (end > 0 && continues_a_character(bytes[end - 1])) --end;
  if (end == 0) return {};
  const auto lead = static_cast<unsigned char>(bytes[end - 1]);
  const std::size_t length = lead < 0x80U ? 1 : lead < 0xe0U ? 2 : lead < 0xf0U ? 3 : 4;
  return bytes.size() - (end - 1) < length ? bytes.substr(0, end - 1) : bytes;
}

Contents nobody_read() { return {.unreadable = unreadable_encoded, .carried = unreadable_encoded}; }

// As a text of a request; null: it is none.
bool make_request(Request& request, Worker& worker, std::string_view text) {
  std::string body;
  json::Writer writer(body);
  writer.begin_object().key("text").value(text).end_object();
  request.document = worker.documents.take();
  if (!request.document->parse(std::move(body))) return false;
  request.document->survey();
  return true;
}

net::Task<Contents> read_text(Worker& worker, const GuardSet& guards, std::string_view text) {
  Request request;
  if (!make_request(request, worker, text)) co_return nobody_read();
  ContentsReading reading(guards, request);
  co_await in_turns(worker.loop, reading);
  co_return reading.contents();
}

}  // namespace

Status check_spilled(const net::SpilledForm& files, const Request& request) {
  const auto fields = read_form(request.form, form_boundary(request.form_type));
  if (!fields) return failure(fields.error());
  const auto is_file_aside = [&files](const FormField& field) { return field.is_file && files.is_mark(field.value); };
  const auto found = std::count_if(fields->begin(), fields->end(), is_file_aside);
  if (static_cast<std::size_t>(found) != files.parts()) return failure(unclear_form());
  for (std::size_t part = 0; part < files.parts(); ++part) {
    if (request.operation == Operation::transcription && files.is_text(part))
      return failure(Error{.code = ErrorCode::invalid_request,
                           .message = "The file is no sound: there is nothing but text in it.",
                           .param = "file"});
  }
  return {};
}

net::Task<Contents> read_spilled_texts(Worker& worker, const GuardSet& guards, const net::SpilledForm& files,
                                       std::string_view form) {
  Contents all;
  std::vector<char> memory(window_bytes);
  std::size_t part = 0;
  const auto pieces = files.pieces(form);
  for (const auto& piece : pieces) {
    if (!piece.text.empty() || !files.is_text(part++)) continue;
    for (uint64_t at = 0; at < piece.size;) {
      const auto wanted = static_cast<std::size_t>(std::min<uint64_t>(piece.size - at, window_bytes));
      const auto got = files.read(piece.begin + at, std::span(memory).first(wanted));
      if (got < wanted) co_return joined(all, nobody_read());
      const auto text = whole_characters({memory.data(), got});
      const auto found = co_await read_text(worker, guards, text);
      all = joined(all, found);
      co_await net::NextTurn{worker.loop};
      if (at + got == piece.size) break;
      at += got - overlap_bytes;
    }
  }
  co_return all;
}

Contents joined(const Contents& one, const Contents& other) {
  const auto sure = [&](ClassSet Contents::*unsure) {
    return (one.classes & ~(one.*unsure)) | (other.classes & ~(other.*unsure));
  };
  const ClassSet classes = one.classes | other.classes;
  return {.classes = classes,
          .below_medium = classes & ~sure(&Contents::below_medium),
          .below_high = classes & ~sure(&Contents::below_high),
          .unreadable = static_cast<UnreadableSet>(one.unreadable | other.unreadable),
          .carried = static_cast<UnreadableSet>(one.carried | other.carried)};
}

}  // namespace weir
