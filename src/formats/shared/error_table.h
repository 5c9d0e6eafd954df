// What a provider's error means, decided from status and words: the one table, for all providers. Pure; safe from any
// thread.
#pragma once

#include <string_view>

#include "core/error.h"

namespace weir {

// `status`: of the answer; 0 when there is none (an error inside a stream or a 2xx answer). `said`: code, type and
// message in lower case. `param`: the field the provider blames.
[[nodiscard]] ErrorCode meaning_of(int status, std::string_view said, std::string_view param);
// What `said` of an `unsupported` says that the model does not have at all; it is believed of all requests for a while.
[[nodiscard]] Ability lacking_ability(std::string_view said);

}  // namespace weir
