// Redactor: takes out of a request's body what a RedactionWish names: every finding of the guards in every text, also
// what they find by its surroundings, across texts, encoded or escaped, and every other place where the same value
// stands. Each value becomes a placeholder (guards/placeholders.h), numbered in the order in which values come in the
// conversation, so that the same conversation, with a turn more, gets the same ones. What was made is read by the
// guards again; it fails where they still find something, or where a value stands that must stay as it is.
//
// Works a part at a time, as the guards do. One thread; guards, request and pool outlive it.
#pragma once

#include <memory>
#include <string>

#include "core/redaction_wish.h"
#include "core/request.h"
#include "core/result.h"
#include "guards/guard.h"
#include "redaction/replacements.h"

namespace weir::redaction {

struct Redacted {
  std::string body;  // JSON, as the caller's but for what was taken out
  Replacements replacements;
};

class Redactor {
 public:
  // `known`: placeholders that stand for something already.
  Redactor(const GuardSet& guards, const Request& request, const RedactionWish& wish, json::DocumentPool& pool,
           Replacements known = {});
  ~Redactor();
  // Reads on for about `bytes`; true when all is done.
  bool advance(std::size_t bytes);
  // Once, when all is done. zone_refused: what cannot be taken out, its kind and where it stands.
  [[nodiscard]] Result<Redacted> take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The same of what a model has said so far, with the last texts of the request before it.
[[nodiscard]] Result<std::string> redact_said(const GuardSet& guards, const Request& request, std::string_view said,
                                              const RedactionWish& wish, json::DocumentPool& pool, Replacements& known);

}  // namespace weir::redaction
