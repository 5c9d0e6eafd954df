// A question that Weir asks a model for itself, beside the one that the caller's answer comes from: a sample to
// compare, the word of a model that judges. It is an attempt in the caller's ledger entry, with its purpose, and its
// tokens and money count. One try, with a patience of its own; a server that lately failed, or has no slot free, is
// left alone. Whether what is asked may go there at all, whoever asks has made sure of (may_be_asked). Loop thread
// only.
#pragma once

#include <string>
#include <string_view>

#include "core/parameter_rules.h"
#include "core/response.h"
#include "core/result.h"
#include "net/event_loop.h"

namespace weir {

class RequestContext;

struct SideQuestion {
  RequestContext& context;
  const Request& request;  // wants a whole answer
  uint32_t model = 0;
  std::string purpose;      // as AttemptEntry::purpose
  int64_t deadline_us = 0;  // of the loop's clock
  net::Cancellation& cancellation;
  bool has_slot = false;   // whoever asks holds one of that server's, which is idle now
  ParameterRules changes;  // in the body as it goes out
};
net::Task<Result<Response>> ask_aside(SideQuestion question);

// The rules let a text that was made of this request, and `said` besides, go to that model: decided anew, as for a
// model that is named directly, and held against every rule that narrowed the request itself.
[[nodiscard]] bool may_be_asked(const RequestContext& context, uint32_t model, std::string_view said);

}  // namespace weir
