// The many shapes in which providers put an error → what it says. Pure functions; safe from any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/json.h"

namespace weir {

struct ErrorWords {
  std::string message;
  std::string code;  // `code`, else `type`, else `status`
  std::string type;
  std::string param;
  std::string detail;  // `details.error_code`, which says it closer (Anthropic)
  std::string inner;   // what a provider behind the provider said, where that is passed on beside the message
  int status = 0;      // a numeric code of the body's own

  // All of it in lower case, for the table.
  [[nodiscard]] std::string haystack() const;
};

// `{"error": {…}}`, `{"error": "text"}`, `{"message": …}`, `{"detail": …}`, `{"errors": […]}`, `{"msg": …}` and a list
// of any of these. An error text that is itself JSON is read too.
[[nodiscard]] ErrorWords read_error_words(json::Element body);

// Does an object without an answer in it say an error all the same, under a name of its own: `{"detail": …}`,
// `{"message": …}`, `{"errors": […]}`, MiniMax's `base_resp`?
[[nodiscard]] bool says_error(const json::Object& answer);

}  // namespace weir
