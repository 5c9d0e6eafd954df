#include "stores/sqlite_functions.h"

#include <sqlite3.h>

#include <cstring>
#include <limits>

#include "core/saturating.h"

namespace weir::sqlite {
namespace {

__extension__ using Wide = __int128;

// SQLite aligns its memory for 8 bytes, not for 16: hence by copy.
Wide load(const void* memory) {
  Wide sum = 0;
  std::memcpy(&sum, memory, sizeof sum);
  return sum;
}

void add_to_sum(sqlite3_context* context, int, sqlite3_value** values) {
  if (sqlite3_value_type(values[0]) == SQLITE_NULL) return;
  void* memory = sqlite3_aggregate_context(context, sizeof(Wide));
  if (memory == nullptr) return sqlite3_result_error_nomem(context);
  const Wide sum = load(memory) + sqlite3_value_int64(values[0]);
  std::memcpy(memory, &sum, sizeof sum);
}

void end_sum(sqlite3_context* context) {
  const void* memory = sqlite3_aggregate_context(context, 0);
  const Wide sum = memory == nullptr ? 0 : load(memory);
  constexpr Wide least = std::numeric_limits<int64_t>::min();
  constexpr Wide most = std::numeric_limits<int64_t>::max();
  sqlite3_result_int64(context, static_cast<int64_t>(sum < least ? least : sum > most ? most : sum));
}

void add(sqlite3_context* context, int, sqlite3_value** values) {
  sqlite3_result_int64(context, saturating_add(sqlite3_value_int64(values[0]), sqlite3_value_int64(values[1])));
}

}  // namespace

int add_functions(sqlite3* handle) {
  constexpr int traits = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  const int sum =
      sqlite3_create_function_v2(handle, "saturating_sum", 1, traits, nullptr, nullptr, add_to_sum, end_sum, nullptr);
  if (sum != SQLITE_OK) return sum;
  return sqlite3_create_function_v2(handle, "saturating_add", 2, traits, nullptr, add, nullptr, nullptr, nullptr);
}

}  // namespace weir::sqlite
