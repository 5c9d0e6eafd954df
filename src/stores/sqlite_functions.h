// SQL functions of our own, on every connection. SQLite's sum() fails as a whole when it overflows and its `+` turns
// into a real, which no STRICT column takes: one absurd row would end all reports, or all commits. Used by the SQLite
// store alone.
//
//   saturating_sum(x)    aggregate: the exact sum, at most what an integer holds; NULLs are left out; 0 over no rows
//   saturating_add(a, b)
#pragma once

struct sqlite3;

namespace weir::sqlite {

// The result code of SQLite.
[[nodiscard]] int add_functions(sqlite3* handle);

}  // namespace weir::sqlite
