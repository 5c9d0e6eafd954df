// What somebody thought of an answer: taken, held against who asked, and durable in the ledger before the client is
// told so; handed to the lesson of that request where one is kept. Loop thread only.
#pragma once

#include <string>

#include "admission/keys.h"
#include "ledger/feedback.h"
#include "pipeline/worker.h"
#include "server/gateway_api.h"

namespace weir {

inline constexpr std::string_view feedback_path = "/v1/feedback";

// invalid_json, invalid_request; not_found for a request of somebody else as for none; internal where the disk does not
// answer. `key`: null without keys.
net::Task<Result<ApiAnswer>> take_feedback(Worker& worker, std::string body, std::shared_ptr<const KeyState> key,
                                           net::Cancellation& cancellation);

// The feedback on a request, for who may see that; nullopt: none, or the ledger does not answer.
net::Task<std::optional<Feedback>> feedback_on(Worker& worker, std::string request_id, net::Cancellation& cancellation);

}  // namespace weir
