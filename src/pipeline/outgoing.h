// Outgoing: the gate that every request passes on its way to a candidate. What the rules want taken out of it for the
// zone it goes to is taken out here, once for each set of classes; where that cannot be done it does not go. Whoever
// sends a request anywhere (an answer, a retry, a continuation, a copy, a judge) asks here what to send. Loop thread
// only; lives in the RequestContext.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/plan.h"
#include "core/redaction_wish.h"
#include "core/result.h"
#include "formats/format.h"
#include "net/event_loop.h"
#include "redaction/replacements.h"

namespace weir {

class RequestContext;

// What goes out in place of the request.
struct Outgoing {
  RedactionWish wish;
  Request request;                 // read anew, in the caller's format
  redaction::Replacements values;  // to put back into the answer
  std::string said;                // what was said so far, as this candidate may see it
  std::string said_in_full;        // of which it was made
};

class OutgoingGate {
 public:
  // How the request came: without its body. Needed where a rule of the configuration wants anything taken out.
  void remember(const ClientFace& face, Asked asked) {
    face_ = &face;
    asked_ = std::move(asked);
  }
  // nullptr: the request itself may go there. zone_refused: something has to be taken out that cannot be. It lives as
  // long as this.
  net::Task<Result<Outgoing*>> pass(RequestContext& context, const Candidate& candidate);
  // Makes `outgoing.said` of what a model has said so far.
  [[nodiscard]] Status take_out_of_said(RequestContext& context, Outgoing& outgoing, std::string_view said) const;

 private:
  const ClientFace* face_ = nullptr;
  Asked asked_;
  std::vector<std::unique_ptr<Outgoing>> made_;
};

}  // namespace weir
