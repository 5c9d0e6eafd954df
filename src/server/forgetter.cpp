#include "server/forgetter.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "answers/answer_cache.h"
#include "pipeline/placeholder_sessions.h"
#include "pipeline/turn_memory.h"

namespace weir {
namespace {

bool everybody(std::string_view /*key_id*/) { return true; }

// Whom one receipt names. Digests are made once for each key.
class Named {
 public:
  Named(const Receipt& receipt, const AuditKey& key) : receipt_(receipt), key_(key) {}

  [[nodiscard]] bool is_key(std::string_view key_id) {
    if (receipt_.by != "key") return true;
    if (key_id.empty()) return false;
    const auto known = keys_.find(key_id);
    return known != keys_.end() ? known->second : keys_.emplace(key_id, has("key", key_id)).first->second;
  }
  [[nodiscard]] bool is_owner(const AnswerOwner& owner) {
    return receipt_.by == "request" ? has("request", owner.request_id) : is_key(owner.key_id);
  }

 private:
  [[nodiscard]] bool has(std::string_view by, std::string_view name) const {
    return std::find(receipt_.whom.begin(), receipt_.whom.end(), whom_digest(key_, by, name)) != receipt_.whom.end();
  }

  const Receipt& receipt_;
  const AuditKey& key_;
  std::map<std::string, bool, std::less<>> keys_;
};

}  // namespace

Forgetter::Forgetter(const std::string& data_folder, Memory memory)
    : key_file_((std::filesystem::path(data_folder) / "audit.key").string()),
      memory_(std::move(memory)),
      receipts_(data_folder) {}

Result<std::optional<Forgetter::Dropped>> Forgetter::look() {
  const auto news = receipts_.news();
  if (!news) {
    static_cast<void>(drop_all());
    return failure(news.error());
  }
  if (news->empty()) return std::nullopt;
  Dropped all;
  for (const auto& receipt : *news) {
    const auto one = drop(receipt);
    all.answers += one.answers;
    all.sessions += one.sessions;
    all.turns += one.turns;
  }
  return all;
}

Forgetter::Dropped Forgetter::drop(const Receipt& receipt) const {
  const auto key = read_audit_key(key_file_);
  if (!key) return drop_all();
  Named named(receipt, *key);
  const auto is_key = [&](std::string_view key_id) { return named.is_key(key_id); };
  return {.answers = memory_.answers->forget([&](const AnswerOwner& owner) { return named.is_owner(owner); }),
          .sessions = memory_.placeholders->forget(is_key),
          .turns = memory_.turns->forget(is_key)};
}

Forgetter::Dropped Forgetter::drop_all() const {
  return {.answers = memory_.answers->forget([](const AnswerOwner&) { return true; }),
          .sessions = memory_.placeholders->forget(everybody),
          .turns = memory_.turns->forget(everybody)};
}

}  // namespace weir
