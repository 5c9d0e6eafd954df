// What a loop asks of the ConversationKeeper, awaited. Loop thread only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conversations/conversation_keeper.h"
#include "formats/conversation_face.h"
#include "net/event_loop.h"
#include "net/task.h"

namespace weir {

// Runs `ask` on the keeper's thread and waits for what it returns. `ask` owns what it needs.
template <typename T>
net::Task<T> ask_keeper(ConversationKeeper& keeper, net::EventLoop& loop,
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
  net::Signal answered(loop, {});
  shared->signal = &answered;
  const Unlink unlink{*shared};
  keeper.run([&loop, shared](ConversationKeeper::Access& access) {
    shared->answer.emplace(shared->ask(access));
    loop.post([shared] {
      if (shared->signal != nullptr) shared->signal->fire();
    });
  });
  co_await answered;
  co_return std::move(*shared->answer);
}

[[nodiscard]] inline std::vector<TurnTexts> texts_of(const Conversation& conversation) {
  std::vector<TurnTexts> texts;
  for (const auto& turn : conversation.turns)
    texts.push_back({.id = turn.id, .input = turn.input, .answer = turn.answer});
  return texts;
}

}  // namespace weir
