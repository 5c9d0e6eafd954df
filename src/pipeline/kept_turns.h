// What a loop asks of the ConversationKeeper, awaited. Loop thread only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "conversations/conversation_keeper.h"
#include "formats/conversation_face.h"
#include "net/event_loop.h"
#include "net/task.h"

namespace weir {

inline constexpr int64_t keeper_patience_ms = 10'000;

// Runs `ask` on the keeper's thread and waits for the Result that it returns. `ask` owns what it needs. Errors besides
// its own: client_gone; internal, with 503, where the disk does not answer.
template <typename T>
net::Task<T> ask_keeper(ConversationKeeper& keeper, net::EventLoop& loop, net::Cancellation& cancellation,
                        std::function<T(ConversationKeeper::Access&)> ask) {
  struct Shared {
    std::function<T(ConversationKeeper::Access&)> ask;
    std::optional<T> answer;
    net::Signal* signal = nullptr;
  };
  // Nulls the pointer also where this frame is destroyed while it waits.
  struct Unlink {
    Shared& shared;
    ~Unlink() { shared.signal = nullptr; }
  };
  const auto shared = std::make_shared<Shared>();
  shared->ask = std::move(ask);
  net::Signal answered(loop, {.deadline_us = loop.deadline_in_ms(keeper_patience_ms), .cancellation = &cancellation});
  shared->signal = &answered;
  const Unlink unlink{*shared};
  keeper.run([&loop, shared](ConversationKeeper::Access& access) {
    shared->answer.emplace(shared->ask(access));
    loop.post([shared] {
      if (shared->signal != nullptr) shared->signal->fire();
    });
  });
  const auto outcome = co_await answered;
  if (outcome == net::Outcome::ready) co_return std::move(*shared->answer);
  if (outcome == net::Outcome::cancelled) co_return failure(ErrorCode::client_gone, "The client left.");
  co_return failure(Error{.code = ErrorCode::internal,
                          .message = "The conversations that are kept here cannot be read now: the disk is busy.",
                          .http_status = 503,
                          .retry_after_ms = 1'000});
}

[[nodiscard]] inline std::vector<TurnTexts> texts_of(std::span<const Turn> turns) {
  std::vector<TurnTexts> texts;
  for (const auto& turn : turns) texts.push_back({.id = turn.id, .input = turn.input, .answer = turn.answer});
  return texts;
}

}  // namespace weir
