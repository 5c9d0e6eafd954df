#include "pipeline/placeholder_sessions.h"

#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <random>

namespace weir {

class PlaceholderSessions::Owned final : public redaction::Numbering {
 public:
  Owned(std::shared_ptr<PlaceholderSessions> sessions, const Owner& owner, int64_t keep_ms, int64_t now_ms)
      : sessions_(std::move(sessions)),
        key_id_(owner.key_id),
        route_(owner.route),
        keep_ms_(keep_ms),
        now_ms_(now_ms) {}

  [[nodiscard]] uint64_t number_of(std::string_view kind, std::string_view value) override {
    return sessions_->number_of({.key_id = key_id_, .route = route_}, kind, value, keep_ms_, now_ms_);
  }

 private:
  std::shared_ptr<PlaceholderSessions> sessions_;
  std::string key_id_;
  std::string route_;
  int64_t keep_ms_;
  int64_t now_ms_;
};

PlaceholderSessions::PlaceholderSessions() {
  if (RAND_bytes(key_.data(), static_cast<int>(key_.size())) == 1) return;
  std::random_device random;
  std::generate(key_.begin(), key_.end(), [&random] { return static_cast<unsigned char>(random()); });
}

std::shared_ptr<redaction::Numbering> PlaceholderSessions::of(const std::shared_ptr<PlaceholderSessions>& sessions,
                                                              const Owner& owner, int64_t keep_ms, int64_t now_ms) {
  return std::make_shared<Owned>(sessions, owner, keep_ms, now_ms);
}

std::size_t PlaceholderSessions::size() const {
  const std::scoped_lock lock(mutex_);
  return sessions_.size();
}

std::string PlaceholderSessions::hash(std::string_view owner, std::string_view kind, std::string_view value) const {
  std::string text;
  for (const auto part : {owner, kind, value}) text.append(std::to_string(part.size())).append(":").append(part);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), digest.data(), &size);
  return {reinterpret_cast<const char*>(digest.data()), std::min<std::size_t>(size, 16)};
}

std::size_t PlaceholderSessions::forget(const std::function<bool(std::string_view key_id)>& theirs) {
  const std::scoped_lock lock(mutex_);
  return std::erase_if(sessions_, [&](const auto& one) { return theirs(one.second.key_id); });
}

uint64_t PlaceholderSessions::number_of(const Owner& owner, std::string_view kind, std::string_view value,
                                        int64_t keep_ms, int64_t now_ms) {
  const auto name = std::string(owner.key_id).append("\n").append(owner.route);
  const auto whose = hash(name, {}, {});
  auto what = hash(name, kind, value);
  const std::scoped_lock lock(mutex_);
  if (!sessions_.contains(whose)) make_room(now_ms);
  auto& session = sessions_[whose];
  const bool over = session.until_ms < now_ms || session.numbers.size() >= most_values;
  if (over) session = {};
  if (session.key_id.empty()) session.key_id = owner.key_id;
  session.until_ms = now_ms + keep_ms;
  auto& number = session.numbers[std::move(what)];
  if (number == 0) number = ++session.last[std::string(kind)];
  return number;
}

void PlaceholderSessions::make_room(int64_t now_ms) {
  if (sessions_.size() < most_sessions) return;
  std::erase_if(sessions_, [now_ms](const auto& one) { return one.second.until_ms < now_ms; });
  if (sessions_.size() < most_sessions) return;
  sessions_.erase(std::min_element(sessions_.begin(), sessions_.end(),
                                   [](const auto& a, const auto& b) { return a.second.until_ms < b.second.until_ms; }));
}

}  // namespace weir
