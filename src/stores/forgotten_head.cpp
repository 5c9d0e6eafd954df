#include "stores/forgotten_head.h"

#include <filesystem>

#include <fmt/format.h>

#include "stores/sqlite_database.h"

namespace weir {
namespace {

constexpr std::string_view number_name = "forgotten_receipts";
constexpr std::string_view seal_name = "forgotten_seal";
constexpr const char* set_up = "PRAGMA busy_timeout = 10000; PRAGMA synchronous = FULL";

std::string ledger_of(const std::string& folder) { return (std::filesystem::path(folder) / "weir.db").string(); }

Result<int64_t> counter(const sqlite::Database& ledger, std::string_view name) {
  auto value = ledger.prepare("SELECT value FROM counters WHERE name = ?");
  if (!value) return failure(value.error());
  value->bind(name);
  const auto step = value->step();
  if (!step) return failure(step.error());
  return *step == sqlite::Step::row ? value->integer(0) : 0;
}

}  // namespace

Result<ForgottenHead> read_forgotten_head(const std::string& folder) {
  const auto file = ledger_of(folder);
  if (std::error_code error; !std::filesystem::exists(file, error))
    return failure(ErrorCode::not_found, fmt::format("there is no ledger in {}", folder));
  const auto ledger = sqlite::Database::open(file, sqlite::Database::Access::read_only);
  if (!ledger) return failure(ledger.error());
  if (auto set = ledger->execute(set_up); !set) return failure(set.error());
  const auto number = counter(*ledger, number_name);
  if (!number) return failure(number.error());
  const auto seal = counter(*ledger, seal_name);
  if (!seal) return failure(seal.error());
  return ForgottenHead{.number = *number, .seal = static_cast<uint64_t>(*seal)};
}

Status note_forgotten_head(const std::string& folder, const ForgottenHead& head) {
  const auto ledger = sqlite::Database::open(ledger_of(folder), sqlite::Database::Access::read_write);
  if (!ledger) return failure(ledger.error());
  if (auto set = ledger->execute(set_up); !set) return set;
  auto put = ledger->prepare("INSERT OR REPLACE INTO counters (name, value) VALUES (?1, ?2), (?3, ?4)");
  if (!put) return failure(put.error());
  put->bind(number_name).bind(head.number).bind(seal_name).bind(static_cast<int64_t>(head.seal));
  if (const auto done = put->run(); !done) return failure(done.error());
  return {};
}

}  // namespace weir
