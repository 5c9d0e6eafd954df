// Any body through the redactor: what comes out is JSON, what was taken out comes back, and nothing that the guards
// find is left. Then the rest of the bytes as an answer, cut in two anywhere: restored the same as in one piece.
#include <cstdlib>

#include "redaction/redactor.h"
#include "redaction/restore_answer.h"

namespace {

using namespace weir;
using redaction::JsonState;

const GuardSet& all_guards() {
  static const GuardSet guards{GuardSettings{}};
  return guards;
}

std::string in_pieces(const redaction::Replacements& known, std::string_view text, std::size_t cut, JsonState::Of of) {
  redaction::Restorer restorer(known, of);
  std::string out = restorer.add(text.substr(0, cut));
  out += restorer.add(text.substr(cut));
  out += restorer.end();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto end = bytes.find('\0');
  json::DocumentPool pool;
  Request request;
  request.document = pool.take();
  if (!request.document->parse_request(std::string(bytes.substr(0, end))) || !request.document->root().is_object())
    return 0;
  request.document->survey();
  redaction::Redactor redactor(all_guards(), request, {.any = ~ClassSet{class_unreadable}}, pool);
  while (!redactor.advance(1000)) {
  }
  const auto redacted = redactor.take();
  if (!redacted) return 0;
  json::Document document;
  if (!document.parse(redacted->body)) std::abort();
  (void)redaction::restored_body(redacted->replacements, redacted->body);

  const std::string_view answer = end == std::string_view::npos ? bytes : bytes.substr(end + 1);
  const std::size_t cut = answer.empty() ? 0 : static_cast<unsigned char>(answer.front()) % (answer.size() + 1);
  for (const auto of : {JsonState::Of::json, JsonState::Of::text}) {
    if (in_pieces(redacted->replacements, answer, cut, of) != redaction::restored(redacted->replacements, answer, of)) {
      std::abort();
    }
  }
  return 0;
}
