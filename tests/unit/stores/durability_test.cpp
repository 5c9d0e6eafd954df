// What was acknowledged is there: after kill -9, after a torn log, beside other processes, and across schema versions.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "ledger/query.h"
#include "sample.h"
#include "stores/sqlite_schema.h"

namespace {

std::atomic<int> syncs{0};

}  // namespace

// In place of the C library's, for this whole binary: what SQLite asks the disk to keep is counted on its way.
extern "C" int fdatasync(int fd) {
  ++syncs;
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}
extern "C" int fsync(int fd) {
  ++syncs;
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

namespace weir {
namespace {

// Runs `sql` in the file and gives the first column of the first row as text.
std::string query(const std::string& file, const std::string& sql) {
  sqlite3* database = nullptr;
  EXPECT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
  std::string answer;
  const auto keep_first = [](void* out, int, char** values, char**) {
    if (values[0] != nullptr) *static_cast<std::string*>(out) = values[0];
    return 0;
  };
  char* message = nullptr;
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), keep_first, &answer, &message), SQLITE_OK) << message;
  sqlite3_free(message);
  sqlite3_close(database);
  return answer;
}

// The child: appends batches for as long as it lives and writes each acknowledged id into the pipe.
[[noreturn]] void append_until_killed(const sample::Folder& folder, uint16_t source, int acknowledged) {
  auto store = sample::open(folder);
  if (!store) ::_exit(1);
  RequestIds ids(source);
  for (int64_t i = 0;; ++i) {
    std::vector<Entry> batch;
    for (int64_t n = 0; n <= i % 40; ++n) batch.push_back(sample::full_entry(ids, sample::now_us + i));
    if (!sample::append(**store, batch)) ::_exit(1);
    std::string lines;
    for (const auto& entry : batch) lines += entry.id + "\n";
    if (::write(acknowledged, lines.data(), lines.size()) < 0) ::_exit(1);
  }
}

// Reads ids until the writers are gone, killing `child` after the first `kill_after` bytes.
std::string read_and_kill(int pipe, pid_t child, std::size_t kill_after) {
  std::string text;
  std::array<char, 4096> buffer{};
  bool killed = false;
  for (ssize_t got = 0; (got = ::read(pipe, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (!killed && text.size() > kill_after) {
      ::kill(child, SIGKILL);
      killed = true;
    }
  }
  return text;
}

bool is_whole(Store& store, const std::string& id) {
  const auto found = store.find(id);
  return found && *found && (*found)->attempts.size() == 2;
}

TEST(SqliteDurability, nothing_acknowledged_is_lost_by_kill_9) {
  sample::Folder folder;
  std::vector<std::string> acknowledged;
  for (uint16_t round = 0; round < 20; ++round) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) append_until_killed(folder, round, pipe[1]);
    ::close(pipe[1]);
    const auto text = read_and_kill(pipe[0], child, std::size_t{500} * (round + 1));
    ::close(pipe[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child could not append";
    auto store = sample::open(folder);
    ASSERT_TRUE(store) << store.error().message;
    for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
      const auto id = text.substr(begin, end - begin);
      acknowledged.push_back(id);
      ASSERT_TRUE(is_whole(**store, id)) << id << " in round " << round;
    }
  }
  auto store = sample::open(folder);
  for (const auto& id : acknowledged) ASSERT_TRUE(is_whole(**store, id)) << id << " at the end";
  EXPECT_GT(acknowledged.size(), 1'000U);
  EXPECT_EQ(query(folder.file(), "PRAGMA integrity_check"), "ok");
  EXPECT_EQ(query(folder.file(), "SELECT count(*) FROM attempts WHERE request NOT IN (SELECT key FROM requests)"), "0");
  EXPECT_EQ(query(folder.file(), "SELECT sum(requests) - (SELECT count(*) FROM requests) FROM spending"), "0");
}

TEST(SqliteDurability, a_torn_end_of_the_log_costs_the_last_batch_at_most) {
  sample::Folder folder;
  RequestIds ids(0);
  std::vector<Entry> entries;
  for (int i = 0; i < 50; ++i) entries.push_back(sample::full_entry(ids, sample::now_us + i));
  auto writing = sample::open(folder);
  for (const auto& entry : entries) ASSERT_TRUE(sample::append(**writing, {entry}));

  // As after a loss of power: the log is copied while open, and its end is missing or garbage.
  const auto log_size = std::filesystem::file_size(folder.file() + "-wal");
  for (const auto& [cut, garbage] : {std::pair{1U, 0U}, {2'000U, 0U}, {0U, 5'000U}, {3'000U, 3'000U}}) {
    sample::Folder copy;
    std::filesystem::create_directories(copy.path());
    std::filesystem::copy_file(folder.file(), copy.file());
    std::filesystem::copy_file(folder.file() + "-wal", copy.file() + "-wal");
    std::filesystem::resize_file(copy.file() + "-wal", log_size - cut);
    std::ofstream(copy.file() + "-wal", std::ios::app) << std::string(garbage, '\xa5');
    auto store = sample::open(copy);
    ASSERT_TRUE(store) << store.error().message;
    for (std::size_t i = 0; i + 1 < entries.size(); ++i) EXPECT_TRUE(*(*store)->find(entries[i].id)) << i;
    EXPECT_TRUE(sample::append(**store, {sample::small_entry(ids)}));
    store->reset();
    EXPECT_EQ(query(copy.file(), "PRAGMA integrity_check"), "ok");
  }
}

TEST(SqliteDurability, readers_and_a_second_writer_do_not_disturb_each_other) {
  sample::Folder folder;
  ASSERT_TRUE(sample::open(folder));
  constexpr int batches = 100;
  const auto write = [&](uint16_t source) {
    auto store = sample::open(folder);
    RequestIds ids(source);
    for (int i = 0; i < batches; ++i) {
      const auto added = sample::append(**store, {sample::full_entry(ids), sample::full_entry(ids)});
      EXPECT_TRUE(added) << added.error().message;
    }
  };
  std::atomic<bool> done{false};
  const auto read = [&] {
    auto store = sample::open(folder, StoreAccess::read_only);
    int64_t last = 0;
    while (!done) {
      const auto rows = (*store)->usage({.by = UsageGroup::route});
      ASSERT_TRUE(rows) << rows.error().message;
      const auto count = rows->empty() ? 0 : rows->at(0).requests;
      EXPECT_GE(count, last);
      EXPECT_EQ(count % 2, 0) << "half a batch was visible";
      last = count;
    }
  };
  std::thread reader(read);
  std::thread first(write, uint16_t{1});
  std::thread second(write, uint16_t{2});
  first.join();
  second.join();
  done = true;
  reader.join();
  auto store = sample::open(folder);
  EXPECT_EQ((*store)->usage({.by = UsageGroup::route})->at(0).requests, 4 * batches);
  EXPECT_EQ(query(folder.file(), "SELECT count(*) FROM attempts"), std::to_string(8 * batches));
}

TEST(SqliteDurability, equal_plans_are_stored_once) {
  sample::Folder folder;
  RequestIds ids(0);
  for (int run = 0; run < 2; ++run) {
    auto store = sample::open(folder);
    for (int i = 0; i < 300; ++i) {
      auto entry = sample::full_entry(ids);
      entry.plan = std::make_shared<const std::string>("{\"plan\":" + std::to_string(i % 3) + "}");
      ASSERT_TRUE(sample::append(**store, {entry}));
      EXPECT_EQ(*(**(*store)->find(entry.id)).plan, *entry.plan);
    }
  }
  EXPECT_EQ(query(folder.file(), "SELECT count(*) FROM plans"), "3");
}

TEST(SqliteDurability, whoever_reads_the_file_finds_a_row_per_request_and_per_attempt) {
  sample::Folder folder;
  RequestIds ids(0);
  auto store = sample::open(folder);
  auto one = sample::full_entry(ids);  // its only attempt tells nothing that the request does not
  one.attempts.erase(one.attempts.begin());
  one.attempts[0] = {.model = one.model,
                     .provider = one.provider,
                     .zone = one.zone,
                     .outcome = one.outcome,
                     .http_status = one.http_status,
                     .started_us = 3,
                     .first_token_us = 4,
                     .duration_us = 5,
                     .usage = one.usage,
                     .cost = one.cost,
                     .price_known = true};
  const auto two = sample::full_entry(ids, sample::now_us + 1);
  ASSERT_TRUE(sample::append(**store, {one, two}));
  EXPECT_EQ(query(folder.file(), "SELECT count(*) FROM requests"), "2");
  EXPECT_EQ(query(folder.file(), "SELECT count(*) FROM attempt_rows"), "2");
  EXPECT_EQ(query(folder.file(),
                  "SELECT count(*) FROM attempts a JOIN requests r ON a.request = r.key AND "
                  "a.number >= r.first_attempt AND a.number < r.first_attempt + r.attempts"),
            "3");
  EXPECT_EQ(query(folder.file(), "SELECT count(DISTINCT number) FROM attempts"), "3");
  EXPECT_EQ(query(folder.file(), "SELECT duration_us FROM attempts ORDER BY number LIMIT 1"), "5");
}

TEST(SqliteDurability, what_was_appended_was_synced_before_append_returned) {
  sample::Folder folder;
  RequestIds ids(0);
  auto store = sample::open(folder);
  for (int i = 0; i < 5; ++i) {
    const int before = syncs;
    ASSERT_TRUE(sample::append(**store, {sample::full_entry(ids)}));
    EXPECT_GT(syncs, before) << "batch " << i;
  }
  const int before = syncs;
  ASSERT_TRUE((*store)->put_key({.id = "key_1", .name = "a"}));
  EXPECT_GT(syncs, before) << "a key";
}

TEST(SqliteDurability, a_file_that_lost_its_name_takes_nothing) {
  sample::Folder folder;
  RequestIds ids(0);
  auto store = sample::open(folder);
  const auto entry = sample::full_entry(ids);
  std::filesystem::rename(folder.file(), folder.file() + ".away");
  const auto refused = sample::append(**store, {entry});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("moved"), std::string::npos) << refused.error().message;
  std::filesystem::rename(folder.file() + ".away", folder.file());
  EXPECT_TRUE(sample::append(**store, {entry}));
}

// Two connections of one process and another process: what the kernel knows of the locks.
TEST(SqliteDurability, a_second_connection_leaves_the_locks_of_the_first) {
  sample::Folder folder;
  const auto first = sample::open(folder);
  ASSERT_TRUE(first);
  const auto locked = [&] {
    struct flock asked {};
    const int fd = ::open(folder.file().c_str(), O_RDWR | O_CLOEXEC);
    asked.l_type = F_WRLCK;
    EXPECT_EQ(::fcntl(fd, F_GETLK, &asked), 0);
    ::_exit(asked.l_type == F_UNLCK ? 1 : 0);
  };
  for (int round = 0; round < 3; ++round) {
    { const auto another = sample::open(folder); }
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) locked();
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 0) << "no lock in round " << round;
  }
}

TEST(SqliteDurability, a_batch_that_fails_leaves_nothing_behind_and_can_be_tried_again) {
  sample::Folder folder;
  RequestIds ids(0);
  auto store = sample::open(folder);
  const auto entry = sample::full_entry(ids);
  query(folder.file(), "ALTER TABLE attempt_rows RENAME TO elsewhere");
  EXPECT_FALSE(sample::append(**store, {entry}));
  query(folder.file(), "ALTER TABLE elsewhere RENAME TO attempt_rows");
  EXPECT_EQ(query(folder.file(), "SELECT count(*) FROM requests"), "0");
  EXPECT_TRUE(sample::append(**store, {entry}));
  EXPECT_EQ(*(**(*store)->find(entry.id)).plan, *entry.plan);
}

// Runs in a child, because a limit on the size of files is for the whole process. The disk is full for a while, then
// not.
int append_on_a_full_disk(const sample::Folder& folder) {
  ::signal(SIGXFSZ, SIG_IGN);
  auto store = sample::open(folder);
  if (!store) return 1;
  RequestIds ids(0);
  const rlimit full{.rlim_cur = 400'000, .rlim_max = RLIM_INFINITY};
  const rlimit roomy{.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
  if (::setrlimit(RLIMIT_FSIZE, &full) != 0) return 2;
  std::vector<Entry> batch;
  Status appended;
  for (int64_t i = 0; i < 100'000 && appended; i += 50) {
    batch.clear();
    for (int64_t n = 0; n < 50; ++n) batch.push_back(sample::full_entry(ids, sample::now_us + i + n));
    appended = sample::append(**store, batch);
  }
  if (appended) return 3;
  if (sample::append(**store, batch)) return 4;
  if ((*store)->find(batch[0].id).value_or(Entry{})) return 5;  // readable, and nothing of the batch is there
  if (::setrlimit(RLIMIT_FSIZE, &roomy) != 0) return 6;
  if (!sample::append(**store, batch)) return 7;
  return is_whole(**store, batch[0].id) ? 0 : 8;
}

TEST(SqliteDurability, a_full_disk_is_an_error_and_work_goes_on_when_there_is_room_again) {
  sample::Folder folder;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(append_on_a_full_disk(folder));
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0) << "the step that failed";
  EXPECT_EQ(query(folder.file(), "PRAGMA integrity_check"), "ok");
}

TEST(SqliteSchema, a_file_of_a_newer_version_is_refused_and_left_alone) {
  sample::Folder folder;
  ASSERT_TRUE(sample::open(folder));
  query(folder.file(), "PRAGMA user_version = 1000");
  for (const auto access : {StoreAccess::read_write, StoreAccess::read_only}) {
    const auto store = sample::open(folder, access);
    ASSERT_FALSE(store);
    EXPECT_NE(store.error().message.find("newer"), std::string::npos) << store.error().message;
  }
}

TEST(SqliteSchema, every_older_version_is_brought_up_to_date_and_keeps_its_entries) {
  for (std::size_t version = 0; version <= sqlite::schema_steps().size(); ++version) {
    sample::Folder folder;
    std::filesystem::create_directories(folder.path());
    for (std::size_t step = 0; step < version; ++step) query(folder.file(), std::string(sqlite::schema_steps()[step]));
    query(folder.file(), "PRAGMA user_version = " + std::to_string(version));
    if (version > 0) query(folder.file(), "INSERT INTO plans VALUES (1, '{}')");
    auto store = sample::open(folder);
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_TRUE((*store)->migrate());  // again: nothing to do
    RequestIds ids(0);
    EXPECT_TRUE(sample::append(**store, {sample::full_entry(ids)}));
    if (version > 0) {
      EXPECT_EQ(query(folder.file(), "SELECT json FROM plans WHERE hash = 1"), "{}");
    }
  }
}

// Of version 1, which kept every text in every row: one request with an attempt, one that was refused.
TEST(SqliteSchema, requests_of_the_first_version_come_back_whole) {
  sample::Folder folder;
  std::filesystem::create_directories(folder.path());
  query(folder.file(), std::string(sqlite::schema_steps()[0]));
  RequestIds ids(0);
  Entry answered = sample::full_entry(ids);
  answered.plan = std::make_shared<const std::string>("{}");
  answered.attempts.erase(answered.attempts.begin());
  // Not kept by that version.
  answered.usage.written = answered.attempts[0].usage.written = 0;
  answered.usage.units = answered.attempts[0].usage.units = 0;
  answered.attempts[0].price = 0;
  answered.task = answered.redacted = answered.cache = answered.experiment = "";
  answered.difficulty = answered.score = -1;
  answered.cache_saved = 0;
  Entry refused{
      .id = ids.next(sample::now_us), .time_us = 5, .requested = "x", .outcome = "not_found", .http_status = 404};
  const auto key = [](const Entry& entry) { return std::to_string(parse_request_id(entry.id)->key); };
  const auto random = [](const Entry& entry) {
    return std::to_string(static_cast<int64_t>(parse_request_id(entry.id)->random));
  };
  query(folder.file(),
        "INSERT INTO plans VALUES (77, '{}');"
        "INSERT INTO requests VALUES (" +
            key(answered) + "," + random(answered) + "," + std::to_string(sample::now_us) +
            ",2,'mobile','key_1','assistant','gpt-4o','rule 2 (line 14): personal stays in local',77,'personal,secret',"
            "'team:a','small','gpu1','local','ok',200,1,1,2,3,4,1,5,1,6,7,8,1,1,1);"
            "INSERT INTO attempts VALUES (1," +
            key(answered) +
            ",'small','gpu1','local','ok','',200,17,0,0,0,0,0,1,2,3,4,1,5,1);"
            "INSERT INTO requests VALUES (" +
            key(refused) + "," + random(refused) +
            ",5,0,'','','','x','',NULL,'','','','','','not_found',404,0,0,0,0,0,0,0,1,NULL,0,0,0,2,0);"
            "PRAGMA user_version = 1");
  auto store = sample::open(folder);
  ASSERT_TRUE(store) << store.error().message;
  for (const auto* entry : {&answered, &refused}) {
    const auto found = (*store)->find(entry->id);
    ASSERT_TRUE(found && *found) << entry->outcome;
    EXPECT_EQ(entry_json(**found), entry_json(*entry));
    EXPECT_FALSE((*found)->asked.known);
  }
}

TEST(SqliteSchema, what_is_no_database_is_refused_with_its_name_and_left_alone) {
  sample::Folder folder;
  std::filesystem::create_directories(folder.path());
  const std::string content(10'000, 'x');
  std::ofstream(folder.file()) << content;
  const auto store = sample::open(folder);
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().message.find(folder.file()), std::string::npos);
  std::ifstream file(folder.file());
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), content);
}

}  // namespace
}  // namespace weir
