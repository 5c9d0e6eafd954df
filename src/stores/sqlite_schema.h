// The SQLite schema: one step per version, run in order. A released step is never changed; a new version is a new step.
//
// What the tables are made for: appending costs about 1 µs a row, because nothing is ever inserted in the middle of a
// B-tree. `requests` is keyed by the time-ordered number inside the request id (core/id.h), `attempts` by a running
// number; a request names its first attempt and how many follow. There is no secondary index: a lookup by id is a
// lookup by key, and a span of time is a range of keys.
#pragma once

#include <span>
#include <string_view>

namespace weir::sqlite {

[[nodiscard]] std::span<const std::string_view> schema_steps();

}  // namespace weir::sqlite
