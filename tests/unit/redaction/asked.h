// Requests as bodies, for tests of what is taken out of them.
#pragma once

#include <string>
#include <string_view>

#include "core/json.h"
#include "core/request.h"
#include "redaction/redactor.h"

namespace weir::redaction {

inline Request asked(json::DocumentPool& pool, std::string_view body) {
  Request request;
  request.document = pool.take();
  if (!request.document->parse_request(std::string(body))) return {};
  request.document->survey();
  return request;
}

// Whatever was found, of every class.
inline RedactionWish everything() { return {.any = ~ClassSet{class_unreadable}}; }

inline Result<Redacted> redacted(const GuardSet& guards, std::string_view body,
                                 const RedactionWish& wish = everything(), Replacements known = {}) {
  json::DocumentPool pool;
  const Request request = asked(pool, body);
  Redactor redactor(guards, request, wish, pool, std::move(known));
  while (!redactor.advance(SIZE_MAX)) {
  }
  return redactor.take();
}

}  // namespace weir::redaction
