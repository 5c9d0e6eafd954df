// The `response` object: what an answer repeats of its request is made once, and needs the request no longer. Owning
// values; one thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/request.h"
#include "core/response.h"
#include "core/usage.h"

namespace weir::responses {

struct Outcome {
  std::string_view status;      // `in_progress`, `completed`, `incomplete`, `failed`
  std::string_view incomplete;  // why: `max_output_tokens`, `content_filter`; "" = it is not
  const Error* error = nullptr;
  const Usage* usage = nullptr;  // nullptr: not known
};

class ResponseObject {
 public:
  explicit ResponseObject(const Request& request);

  // `items`: of `output`, each as JSON.
  [[nodiscard]] std::string write(std::string_view id, std::string_view model, int64_t created,
                                  std::span<const std::string> items, const Outcome& outcome) const;

 private:
  std::string repeated_;  // members of the object, with commas between them
};

// How an answer ended.
[[nodiscard]] Outcome outcome_of(FinishReason finish);

}  // namespace weir::responses
