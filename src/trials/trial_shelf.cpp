#include "trials/trial_shelf.h"

#include <array>
#include <filesystem>

#include <fmt/format.h>

#include "stores/side_file.h"

namespace weir {
namespace {

constexpr const char* schema =
    "CREATE TABLE comparisons ("
    "  number INTEGER PRIMARY KEY AUTOINCREMENT, experiment TEXT NOT NULL, route TEXT NOT NULL, task TEXT NOT NULL,"
    "  request TEXT NOT NULL, time_us INTEGER NOT NULL, share INTEGER NOT NULL,"
    "  tested TEXT NOT NULL, tested_ok INTEGER NOT NULL, tested_score INTEGER NOT NULL, tested_cost INTEGER NOT NULL,"
    "  tested_us INTEGER NOT NULL, tested_first_us INTEGER NOT NULL,"
    "  reference TEXT NOT NULL, reference_ok INTEGER NOT NULL, reference_score INTEGER NOT NULL,"
    "  reference_cost INTEGER NOT NULL, reference_us INTEGER NOT NULL, reference_first_us INTEGER NOT NULL,"
    "  tested_answered INTEGER NOT NULL, vote INTEGER NOT NULL) STRICT;"
    "CREATE INDEX comparisons_by_experiment ON comparisons (experiment, number);"
    "CREATE TABLE outcomes ("
    "  number INTEGER PRIMARY KEY AUTOINCREMENT, experiment TEXT NOT NULL, arm TEXT NOT NULL, task TEXT NOT NULL,"
    "  request TEXT NOT NULL, time_us INTEGER NOT NULL, ok INTEGER NOT NULL, score INTEGER NOT NULL,"
    "  cost INTEGER NOT NULL, duration_us INTEGER NOT NULL) STRICT;"
    "CREATE INDEX outcomes_by_experiment ON outcomes (experiment, number);"
    "CREATE TABLE moves ("
    "  number INTEGER PRIMARY KEY AUTOINCREMENT, experiment TEXT NOT NULL, task TEXT NOT NULL, time_us INTEGER NOT "
    "NULL,"
    "  from_share INTEGER NOT NULL, to_share INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL,"
    "  by_hand INTEGER NOT NULL) STRICT;"
    "CREATE TABLE texts ("
    "  comparison INTEGER PRIMARY KEY, until_us INTEGER NOT NULL, question TEXT NOT NULL, tested TEXT NOT NULL,"
    "  reference TEXT NOT NULL) STRICT;"
    "CREATE INDEX texts_by_time ON texts (until_us);"
    "PRAGMA user_version = 1";
constexpr std::array steps = {schema};

constexpr std::string_view comparison_columns =
    "number, experiment, route, task, request, time_us, share, tested, tested_ok, tested_score, tested_cost, "
    "tested_us, "
    "tested_first_us, reference, reference_ok, reference_score, reference_cost, reference_us, reference_first_us, "
    "tested_answered, vote";

void bind_side(sqlite::Statement& to, const ComparedSide& side) {
  to.bind(side.model).bind(side.ok ? int64_t{1} : int64_t{0}).bind(side.score).bind(side.cost).bind(side.duration_us);
  to.bind(side.first_token_us);
}

ComparedSide read_side(sqlite::Statement& row) {
  ComparedSide side;
  side.model = row.next_text();
  side.ok = row.next_integer() != 0;
  side.score = row.next_integer();
  side.cost = row.next_integer();
  side.duration_us = row.next_integer();
  side.first_token_us = row.next_integer();
  return side;
}

Comparison read_comparison(sqlite::Statement& row) {
  Comparison one{.number = row.next_integer()};
  one.experiment = row.next_text();
  one.route = row.next_text();
  one.task = row.next_text();
  one.request = row.next_text();
  one.time_us = row.next_integer();
  one.share = row.next_integer();
  one.tested = read_side(row);
  one.reference = read_side(row);
  one.tested_answered = row.next_integer() != 0;
  one.vote = static_cast<Vote>(row.next_integer());
  return one;
}

Status add_comparisons(const sqlite::Database& database, const TrialShelf::Batch& batch) {
  auto insert = database.prepare(fmt::format(
      "INSERT INTO comparisons ({}) VALUES (NULL,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", comparison_columns));
  auto insert_texts =
      database.prepare("INSERT INTO texts (comparison, until_us, question, tested, reference) VALUES (?,?,?,?,?)");
  if (!insert) return failure(insert.error());
  if (!insert_texts) return failure(insert_texts.error());
  for (const auto& [one, texts] : batch.comparisons) {
    insert->bind(one.experiment).bind(one.route).bind(one.task).bind(one.request).bind(one.time_us).bind(one.share);
    bind_side(*insert, one.tested);
    bind_side(*insert, one.reference);
    insert->bind(one.tested_answered ? int64_t{1} : int64_t{0}).bind(static_cast<int64_t>(one.vote));
    if (auto done = insert->run(); !done) return failure(done.error());
    if (!texts) continue;
    const auto number = database.integer("SELECT last_insert_rowid()");
    if (!number) return failure(number.error());
    insert_texts->bind(*number).bind(texts->until_us).bind(texts->question).bind(texts->tested).bind(texts->reference);
    if (auto done = insert_texts->run(); !done) return failure(done.error());
  }
  return {};
}

Status add_outcomes(const sqlite::Database& database, const std::vector<ArmOutcome>& outcomes) {
  auto insert = database.prepare(
      "INSERT INTO outcomes (experiment, arm, task, request, time_us, ok, score, cost, duration_us) VALUES "
      "(?,?,?,?,?,?,?,?,?)");
  if (!insert) return failure(insert.error());
  for (const auto& one : outcomes) {
    insert->bind(one.experiment).bind(one.arm).bind(one.task).bind(one.request).bind(one.time_us);
    insert->bind(one.ok ? int64_t{1} : int64_t{0}).bind(one.score).bind(one.cost).bind(one.duration_us);
    if (auto done = insert->run(); !done) return failure(done.error());
  }
  return {};
}

Status add_moves(const sqlite::Database& database, const std::vector<ShareMove>& moves) {
  auto insert = database.prepare(
      "INSERT INTO moves (experiment, task, time_us, from_share, to_share, state, reason, by_hand) VALUES "
      "(?,?,?,?,?,?,?,?)");
  if (!insert) return failure(insert.error());
  for (const auto& one : moves) {
    insert->bind(one.experiment).bind(one.task).bind(one.time_us).bind(one.from).bind(one.to).bind(one.state);
    insert->bind(one.reason).bind(one.by_hand ? int64_t{1} : int64_t{0});
    if (auto done = insert->run(); !done) return failure(done.error());
  }
  return {};
}

}  // namespace

Result<TrialShelf> TrialShelf::open(const std::string& file, Access access) {
  std::error_code error;
  if (access != Access::make && !std::filesystem::exists(file, error)) {
    return failure(ErrorCode::internal, fmt::format("{} does not exist: no experiment has seen anything yet", file));
  }
  auto database = sqlite::Database::open(
      file, access == Access::read_only ? sqlite::Database::Access::read_only : sqlite::Database::Access::read_write);
  if (!database) return failure(database.error());
  TrialShelf shelf(std::move(*database));
  if (auto ready = shelf.prepare(access); !ready) return failure(ready.error());
  return shelf;
}

Status TrialShelf::prepare(Access access) {
  if (access != Access::read_only) {
    if (auto set = set_up_side_file(database_, sqlite::Survives::crash); !set) return set;
    return sqlite::bring_to_version(database_, steps);
  }
  if (auto set = database_.execute("PRAGMA busy_timeout = 5000"); !set) return set;
  const auto there = has_version(database_, std::ssize(steps));
  if (!there) return failure(there.error());
  if (*there) return {};
  return failure(ErrorCode::internal,
                 fmt::format("{} is empty: no experiment has seen anything yet", database_.path()));
}

Status TrialShelf::add(const Batch& batch) {
  if (batch.empty()) return {};
  auto transaction = sqlite::Transaction::begin(database_);
  if (!transaction) return failure(transaction.error());
  if (auto done = add_comparisons(database_, batch); !done) return done;
  if (auto done = add_outcomes(database_, batch.outcomes); !done) return done;
  if (auto done = add_moves(database_, batch.moves); !done) return done;
  return transaction->commit();
}

Status TrialShelf::comparisons(std::string_view experiment, const std::function<void(Comparison&)>& take) {
  auto all = database_.prepare(
      fmt::format("SELECT {} FROM comparisons WHERE ?1 = '' OR experiment = ?1 ORDER BY number", comparison_columns));
  if (!all) return failure(all.error());
  all->bind(experiment);
  return for_each_row(*all, [&](sqlite::Statement& row) {
    auto one = read_comparison(row);
    take(one);
  });
}

Status TrialShelf::outcomes(std::string_view experiment, const std::function<void(ArmOutcome&)>& take) {
  auto all = database_.prepare(
      "SELECT experiment, arm, task, request, time_us, ok, score, cost, duration_us FROM outcomes WHERE ?1 = '' OR "
      "experiment = ?1 ORDER BY number");
  if (!all) return failure(all.error());
  all->bind(experiment);
  return for_each_row(*all, [&](sqlite::Statement& row) {
    ArmOutcome one;
    one.experiment = row.next_text();
    one.arm = row.next_text();
    one.task = row.next_text();
    one.request = row.next_text();
    one.time_us = row.next_integer();
    one.ok = row.next_integer() != 0;
    one.score = row.next_integer();
    one.cost = row.next_integer();
    one.duration_us = row.next_integer();
    take(one);
  });
}

Result<std::vector<ShareMove>> TrialShelf::moves(std::string_view experiment, int64_t after) {
  auto all = database_.prepare(
      "SELECT number, experiment, task, time_us, from_share, to_share, state, reason, by_hand FROM moves WHERE (?1 = "
      "'' "
      "OR experiment = ?1) AND number > ?2 ORDER BY number");
  if (!all) return failure(all.error());
  all->bind(experiment).bind(after);
  std::vector<ShareMove> out;
  auto read = for_each_row(*all, [&](sqlite::Statement& row) {
    auto& one = out.emplace_back();
    one.number = row.next_integer();
    one.experiment = row.next_text();
    one.task = row.next_text();
    one.time_us = row.next_integer();
    one.from = row.next_integer();
    one.to = row.next_integer();
    one.state = row.next_text();
    one.reason = row.next_text();
    one.by_hand = row.next_integer() != 0;
  });
  if (!read) return failure(read.error());
  return out;
}

Result<std::vector<Comparison>> TrialShelf::unjudged(std::string_view experiment, int64_t most) {
  auto all = database_.prepare(
      fmt::format("SELECT {} FROM comparisons WHERE experiment = ? AND vote = 0 AND number IN (SELECT comparison FROM "
                  "texts) ORDER BY number DESC LIMIT ?",
                  comparison_columns));
  if (!all) return failure(all.error());
  all->bind(experiment).bind(most);
  std::vector<Comparison> out;
  auto read = for_each_row(*all, [&](sqlite::Statement& row) { out.push_back(read_comparison(row)); });
  if (!read) return failure(read.error());
  return out;
}

Result<std::optional<KeptTexts>> TrialShelf::texts(int64_t comparison, int64_t now_us) {
  auto one = database_.prepare(
      "SELECT question, tested, reference, until_us FROM texts WHERE comparison = ? AND until_us > ?");
  if (!one) return failure(one.error());
  one->bind(comparison).bind(now_us);
  std::optional<KeptTexts> found;
  auto read = for_each_row(*one, [&](sqlite::Statement& row) {
    found.emplace();
    found->question = row.next_text();
    found->tested = row.next_text();
    found->reference = row.next_text();
    found->until_us = row.next_integer();
  });
  if (!read) return failure(read.error());
  return found;
}

Status TrialShelf::vote(int64_t comparison, Vote vote) {
  auto set = database_.prepare("UPDATE comparisons SET vote = ? WHERE number = ?");
  if (!set) return failure(set.error());
  set->bind(static_cast<int64_t>(vote)).bind(comparison);
  const auto done = set->run();
  return done ? Status{} : failure(done.error());
}

Result<int64_t> TrialShelf::sweep(int64_t now_us) {
  auto old = database_.prepare("DELETE FROM texts WHERE until_us <= ?");
  if (!old) return failure(old.error());
  old->bind(now_us);
  if (auto done = old->run(); !done) return failure(done.error());
  auto gone = database_.changes();
  if (!gone) return failure(gone.error());
  for (const std::string_view table : {"comparisons", "outcomes"}) {
    auto names = database_.prepare(
        fmt::format("SELECT experiment FROM {} GROUP BY experiment HAVING count(*) > {}", table, most_rows));
    if (!names) return failure(names.error());
    std::vector<std::string> full;
    auto read = for_each_row(*names, [&](sqlite::Statement& row) { full.emplace_back(row.next_text()); });
    if (!read) return failure(read.error());
    for (const auto& name : full) {
      auto cut = database_.prepare(fmt::format(
          "DELETE FROM {0} WHERE experiment = ?1 AND number <= (SELECT number FROM {0} WHERE experiment = ?1 "
          "ORDER BY number DESC LIMIT 1 OFFSET {1})",
          table, most_rows));
      if (!cut) return failure(cut.error());
      cut->bind(name);
      if (auto done = cut->run(); !done) return failure(done.error());
      ++*gone;
    }
  }
  return gone;
}

Result<int64_t> TrialShelf::forget(const Theirs& theirs, Forgetting mode) {
  if (mode == Forgetting::erase) {
    // Nobody can tell any more whose they are: their comparisons went beyond the bound.
    if (auto done = database_.execute("DELETE FROM texts WHERE comparison NOT IN (SELECT number FROM comparisons)");
        !done) {
      return failure(done.error());
    }
  }
  return sqlite::forget_rows(database_,
                             {.select = "SELECT t.comparison, c.request, '' FROM texts t JOIN comparisons c ON "
                                        "c.number = t.comparison",
                              .erase = "DELETE FROM texts WHERE comparison = ?"},
                             theirs, mode);
}

Status TrialShelf::wipe() { return sqlite::wipe(database_); }

}  // namespace weir
