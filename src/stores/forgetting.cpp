#include "stores/forgetting.h"

#include <chrono>
#include <thread>
#include <vector>

#include <fmt/format.h>

namespace weir::sqlite {
namespace {

constexpr std::chrono::milliseconds between_rounds{200};

// True: the log is empty. A reader in the middle of something keeps it from that.
Result<bool> empty_log(const Database& database) {
  const auto busy = database.integer("PRAGMA wal_checkpoint(TRUNCATE)");
  if (!busy) return failure(busy.error());
  return *busy == 0;
}

}  // namespace

Result<int64_t> forget_rows(const Database& database, const ForgetRows& rows, const Theirs& theirs, Forgetting mode) {
  return forget_rows(database, rows, RowIsTheirs([&](Statement& row) {
                       const auto request = row.next_text();
                       return theirs(request, row.next_text());
                     }),
                     mode);
}

Result<int64_t> forget_rows(const Database& database, const ForgetRows& rows, const RowIsTheirs& theirs,
                            Forgetting mode) {
  std::vector<int64_t> numbers;
  auto all = database.prepare(rows.select);
  if (!all) return failure(all.error());
  Status asked;
  auto read = for_each_row(*all, [&](Statement& row) {
    if (!asked) return;
    const auto number = row.next_integer();
    const auto is_theirs = theirs(row);
    if (!is_theirs) {
      asked = failure(is_theirs.error());
    } else if (*is_theirs) {
      numbers.push_back(number);
    }
  });
  if (!read) return failure(read.error());
  if (!asked) return failure(asked.error());
  if (mode == Forgetting::count || numbers.empty()) return static_cast<int64_t>(numbers.size());

  auto transaction = Transaction::begin(database);
  if (!transaction) return failure(transaction.error());
  auto erase = database.prepare(rows.erase);
  if (!erase) return failure(erase.error());
  int64_t gone = 0;
  for (const auto number : numbers) {
    erase->bind(number);
    if (auto done = erase->run(); !done) return failure(done.error());
    const auto changes = database.changes();
    if (!changes) return failure(changes.error());
    gone += *changes;
  }
  if (auto committed = transaction->commit(); !committed) return failure(committed.error());
  return gone;
}

Status scrub(const std::string& file, std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  auto database = Database::open(file, Database::Access::read_write);
  if (!database) return failure(database.error());
  // Deleting overwrites a row where it stood; pages that were split or joined earlier may hold a copy of it between
  // their rows. Written anew, they hold nothing but what is there. In memory: a copy of the file elsewhere would be
  // one more to wipe.
  if (auto set = database->execute("PRAGMA busy_timeout = 500; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY");
      !set) {
    return set;
  }
  auto written = database->execute("VACUUM");
  for (;;) {
    if (written) {
      const auto empty = empty_log(*database);
      if (!empty) return failure(empty.error());
      if (*empty) return {};
    }
    if (std::chrono::steady_clock::now() > until) break;
    std::this_thread::sleep_for(between_rounds);
    if (!written) written = database->execute("VACUUM");
  }
  if (!written) return written;
  return failure(ErrorCode::internal,
                 fmt::format("{}: its log cannot be emptied while another process reads in it; run it again", file));
}

}  // namespace weir::sqlite
