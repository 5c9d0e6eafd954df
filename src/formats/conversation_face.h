// ConversationFace: what a client format says of answers that the gateway keeps, so that a client may go on from one by
// its id, fetch it, list what it was asked, and have it deleted. The gateway keeps JSON and does not look into it: what
// stands in it, and in which shape it is given back, is the format's business. Pure functions; safe from any thread.
//
// Kept of each turn: the items that were new in it, as the client sent them, and the whole answer, as the client got
// it. A conversation is a row of turns, the oldest first.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/request.h"
#include "core/result.h"

namespace weir {

// A turn as its format reads it. Views of what the store gave.
struct TurnTexts {
  std::string_view id;      // of the answer
  std::string_view input;   // a JSON array: the items that were new in this turn
  std::string_view answer;  // a JSON object
};

// An answer that is to be kept, as it passes by.
struct KeptAnswer {
  std::string id;
  std::string answer;
};

class ConversationFace {
 public:
  virtual ~ConversationFace() = default;

  // Could `body` name an earlier answer, or an item of one? Cheap: true where it has to be looked at.
  [[nodiscard]] virtual bool may_continue(std::string_view body) const = 0;
  // The earlier answer that `body` (valid JSON) goes on from; nullopt: none. invalid_request.
  [[nodiscard]] virtual Result<std::optional<std::string>> continues(std::string_view body) const = 0;
  // The same request with all that was said before in it, and nothing of the earlier answer's id.
  struct Expanded {
    std::string body;
    std::size_t earlier_items = 0;  // put before its own
  };
  [[nodiscard]] virtual Expanded expand(std::string_view body, std::span<const TurnTexts> earlier) const = 0;
  // Items of earlier answers that stand in `body`, whatever it is, by their ids alone; empty: none.
  [[nodiscard]] virtual std::vector<std::string> refers_to(std::string_view body) const = 0;
  // The same request, where there were some, with those items in their places, as far as they are in `answers`. Where
  // one of them is nothing without its provider, all stay as they are: only that provider can go on.
  [[nodiscard]] virtual std::string put_in(std::string_view body, std::span<const TurnTexts> answers) const = 0;
  // The ids by which the items of an answer that is kept can be referred to.
  [[nodiscard]] virtual std::vector<std::string> item_ids(std::string_view answer) const = 0;
  // The answer that a request goes on from is none that can be gone on from.
  enum class Missing : uint8_t { unknown, in_part };  // in_part: an earlier turn of it is gone
  [[nodiscard]] virtual Error cannot_continue(std::string_view id, Missing missing) const = 0;

  // Is the answer to be kept, as far as the request says? It has been read, after expand() where that was due;
  // invalid_request where it still names an earlier answer.
  [[nodiscard]] virtual Result<bool> wants_keeping(const Request& request) const = 0;
  // It will be: nothing of that is left out.
  virtual void will_keep(Request& request) const = 0;
  // Of the request's items those that are new: all behind those that expand() put there. A JSON array.
  [[nodiscard]] virtual std::string new_items(const Request& request, std::size_t earlier_items) const = 0;

  // What only the keeper of an answer knows of it.
  struct Mark {
    std::string_view previous;  // the answer that it goes on from; "" = none
    bool kept = false;          // it will be, once it is complete
  };
  // An answer on its way to the client, a whole one or an event's data, with that put in. "": it goes on as it is.
  // `complete` is set where this is all of an answer.
  [[nodiscard]] virtual std::string mark_whole(std::string_view answer, const Mark& mark,
                                               std::optional<KeptAnswer>& complete) const = 0;
  [[nodiscard]] virtual std::string mark_event(std::string_view data, const Mark& mark,
                                               std::optional<KeptAnswer>& complete) const = 0;

  // What is asked of a kept answer.
  struct Question {
    std::string_view method;
    std::string_view pattern;  // the path's
    std::string_view id;
    std::string_view query;
  };
  struct Reply {
    std::string body;
    bool drop = false;  // and the answer is to be deleted
  };
  // Of all turns that led to the answer, or is its own turn enough?
  [[nodiscard]] virtual bool asks_for_all(const Question& question) const = 0;
  // `turns` ends with the answer's own; empty: it is not kept, or not all of what is asked for.
  [[nodiscard]] virtual Result<Reply> reply(const Question& question, std::span<const TurnTexts> turns) const = 0;
};

}  // namespace weir
