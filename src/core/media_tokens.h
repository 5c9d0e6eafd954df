// How many tokens the parts of a message that are no plain text may take: files, audio, video. By their size, because
// nobody looks into them: a rough upper half, meant for reservations and rules, never for billing. Pure; any thread.
#pragma once

#include <cstdint>

#include "core/request.h"

namespace weir {

constexpr int64_t tokens_per_image = 765;

// 0 for text.
[[nodiscard]] int64_t media_tokens(const Part& part);

}  // namespace weir
