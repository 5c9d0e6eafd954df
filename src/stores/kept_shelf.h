// What the keepers of a file have in common: the file is made with the first thing that is put into it, what cannot be
// done is told once a minute, and what is deleted is wiped when nothing is left to delete. Shelf: one of the classes
// that alone touch such a file (ConversationShelf …), with `add`, `sweep` and `wipe`. Of the keeper's thread alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"

namespace weir {

template <typename Shelf>
class KeptShelf {
 public:
  using Open = std::function<Result<Shelf>(const std::string& file)>;  // makes it where it is missing
  using OnError = std::function<void(const Error& error)>;
  using Clock = std::function<int64_t()>;  // microseconds since the epoch

  KeptShelf(std::string file, Open open, OnError on_error, Clock clock)
      : file_(std::move(file)), open_(std::move(open)), on_error_(std::move(on_error)), clock_(std::move(clock)) {}

  enum class Missing : uint8_t { make, leave };
  // nullptr: there is none, and it is not to be made.
  Result<Shelf*> get(Missing missing) {
    if (shelf_) return &*shelf_;
    if (std::error_code error; missing == Missing::leave && !std::filesystem::exists(file_, error)) return nullptr;
    auto opened = open_(file_);
    if (!opened) return failure(opened.error());
    shelf_.emplace(std::move(*opened));
    return &*shelf_;
  }

  // All of them in one commit; none are left in `items`.
  template <typename Item>
  void add(std::vector<Item>& items) {
    if (items.empty()) return;
    const auto kept = std::exchange(items, {});
    const auto to = get(Missing::make);
    if (!to) return report(to.error());
    if (auto added = (*to)->add(kept); !added) report(added.error());
  }

  // A part of what is over, by Shelf::sweep. True: nothing is left to delete.
  template <typename... Bounds>
  bool sweep(Bounds&&... bounds) {
    const auto from = get(Missing::leave);
    if (!from) {
      report(from.error());
      return true;
    }
    if (*from == nullptr) return true;
    const auto swept = (*from)->sweep(std::forward<Bounds>(bounds)...);
    if (!swept) {
      report(swept.error());
      return true;
    }
    wipes_ = wipes_ || *swept > 0;
    if (*swept > 0) return false;
    if (!std::exchange(wipes_, false)) return true;
    if (auto wiped = (*from)->wipe(); !wiped) report(wiped.error());
    return true;
  }

  // The first one, then one a minute while there are some.
  void report(const Error& error) {
    constexpr int64_t every_us = 60'000'000;
    const auto now = clock_();
    if (reported_us_ && now - *reported_us_ < every_us) return;
    reported_us_ = now;
    if (on_error_) on_error_(error);
  }

 private:
  const std::string file_;
  const Open open_;
  const OnError on_error_;
  const Clock clock_;
  std::optional<Shelf> shelf_;
  bool wipes_ = false;
  std::optional<int64_t> reported_us_;
};

}  // namespace weir
