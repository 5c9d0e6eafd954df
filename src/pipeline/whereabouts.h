// What a refusal says of the things that caused it: their kinds and the messages they stand in, never a value. Made
// only when a request is refused, by reading it once more. One thread; call it where a loop may serve others in
// between.
#pragma once

#include <string>
#include <vector>

#include "core/request.h"
#include "guards/guard.h"

namespace weir {

// ` Found: email in messages[3]; payment_card in messages[0].`; "" when nothing of `classes` is among them.
[[nodiscard]] std::string whereabouts_text(const std::vector<Located>& found, ClassSet classes,
                                           const std::vector<std::string_view>& read, const Request& request);

}  // namespace weir
