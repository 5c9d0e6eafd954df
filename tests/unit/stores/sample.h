// Entries and folders for the store tests.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

#include "core/id.h"
#include "ledger/entry.h"
#include "ledger/store.h"

namespace weir::sample {

constexpr int64_t now_us = 1'795'444'000'000'000;  // 2026-11-23T14:26:40Z

// A folder of its own, removed at the end.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-store-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string path() const { return path_ + "/data"; }
  [[nodiscard]] std::string file() const { return path_ + "/data/weir.db"; }

 private:
  std::string path_;
};

inline Result<std::unique_ptr<Store>> open(const Folder& folder, StoreAccess access = StoreAccess::read_write) {
  return open_store("sqlite", {.folder = folder.path(), .access = access});
}

// An entry with a different value in every field.
inline Entry full_entry(RequestIds& ids, int64_t time_us = now_us) {
  Entry entry{
      .id = ids.next(time_us),
      .time_us = time_us,
      .operation = Operation::embedding,
      .caller = "mobile",
      .key_id = "key_1",
      .route = "assistant",
      .requested = "gpt-4o",
      .reason = "rule 2 (line 14): personal stays in local",
      .plan = std::make_shared<const std::string>(R"({"route":"assistant"})"),
      .classes = "personal,secret",
      .tags = "team:a",
      .task = "code",
      .difficulty = 0.25,
      .redacted = "email:2,iban:1",
      .cache = "miss",
      .experiment = "bigger:a",
      .score = 0.5,
      .cache_saved = 23,
      .asked = {.input_tokens = 18,
                .output_tokens = 19,
                .choices = 20,
                .has_tools = true,
                .has_images = true,
                .known = true},
      .model = "small",
      .provider = "gpu1",
      .zone = "local",
      .outcome = "ok",
      .http_status = 200,
      .stream = true,
      .usage = {.input = 1, .cached = 2, .written = 21, .output = 3, .reasoning = 4, .units = 22, .known = true},
      .cost = 5,
      .baseline_cost = 6,
      .baseline_known = true,
      .first_token_us = 7,
      .duration_us = 8,
      .sandbox = true,
      .attempts = {}};
  entry.attempts.push_back({.model = "large",
                            .provider = "openai",
                            .zone = "cloud:eu",
                            .outcome = "upstream_timeout",
                            .message = "it said \"wait\", in UTF-8: ü",
                            .http_status = 503,
                            .started_us = 9,
                            .first_token_us = 10,
                            .duration_us = 11,
                            .queue_us = 12,
                            .bad_events = 13,
                            .partial = true,
                            .usage = {.input = 14, .output = 15, .estimated = true},
                            .purpose = "shadow",
                            .score = 0.75,
                            .redacted = true,
                            .cost = 16,
                            .price_known = false,
                            .price = price_catalog | price_tier_unknown});
  entry.attempts.push_back({.model = "small",
                            .provider = "gpu1",
                            .zone = "local",
                            .outcome = "ok",
                            .message = {},
                            .http_status = 200,
                            .started_us = 17,
                            .usage = entry.usage,
                            .cost = 5,
                            .price_known = true,
                            .price = price_stated});
  return entry;
}

inline Entry small_entry(RequestIds& ids, int64_t time_us = now_us) {
  Entry entry;
  entry.id = ids.next(time_us);
  entry.time_us = time_us;
  entry.model = "small";
  entry.outcome = "ok";
  entry.attempts.push_back({.model = "small", .outcome = "ok", .price_known = true});
  return entry;
}

inline Status append(Store& store, const std::vector<Entry>& entries) {
  std::vector<const Entry*> pointers;
  for (const auto& entry : entries) pointers.push_back(&entry);
  return store.append(pointers);
}

}  // namespace weir::sample
