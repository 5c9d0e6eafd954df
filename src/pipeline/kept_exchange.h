// KeptExchange: one request of a format whose clients go on from earlier answers by their id. Puts what was said before
// into the request, and hands the answer to the ConversationKeeper as it passes by to the client: a whole one, a stream
// that was translated, and one that passes as bytes alike. What is kept is what the client gets, with the id under
// which it got it. Only answers that came to their end are kept.
//
// Stands between the Relay and the client, for those requests alone. Loop thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/sse.h"
#include "formats/conversation_face.h"
#include "pipeline/downstream.h"
#include "pipeline/request_context.h"

namespace weir {

class ClientFace;

class KeptExchange final : public Downstream {
 public:
  // nullptr where the format has no such thing, or nothing is kept here.
  [[nodiscard]] static std::unique_ptr<KeptExchange> begin(const ClientFace& face, RequestContext& context,
                                                           Downstream& client);
  KeptExchange(const ConversationFace& face, RequestContext& context, Downstream& client);

  [[nodiscard]] bool may_continue(std::string_view body) const { return face_.may_continue(body); }
  // Puts what was said before into `body`, which names an earlier answer, or items of such, if it does. invalid_request
  // where the answer is not to be found, body_too_large. An item that is not to be found stays a reference.
  net::Task<Status> expand(std::string& body);
  // All classes that callers declared in this conversation, `said` of this request among them (x-weir-sensitive): what
  // was said to be private once stays so.
  [[nodiscard]] std::string declare(std::string_view said);
  // The context's request has been read.
  Status read_wish();
  // The route is known.
  void keep_if_allowed();

  [[nodiscard]] net::Cancellation& cancellation() override { return client_.cancellation(); }
  [[nodiscard]] bool shutting_down() const override { return client_.shutting_down(); }
  net::Task<Status> respond(const AnswerHead& head, std::string_view body) override;
  void begin(const AnswerHead& head) override { client_.begin(head); }
  net::Task<Status> write(std::string_view bytes) override;
  net::Task<Status> end() override;

 private:
  void hand_over(std::optional<KeptAnswer> answer);
  // Something of the answer changes on its way.
  [[nodiscard]] bool marks() const { return keeps_ || !previous_id_.empty(); }
  // Appends `bytes` to `marked_` as they are to go out.
  void mark(std::string_view bytes);

  const ConversationFace& face_;
  RequestContext& context_;
  Downstream& client_;
  std::string previous_id_;
  int64_t previous_ = 0;           // number of the turn that this one goes on from
  std::size_t earlier_items_ = 0;  // in the request, of turns before
  std::string declared_;           // classes, with commas between them
  bool wanted_ = false;
  bool keeps_ = false;
  bool framing_ = false;  // the stream goes through `framer_`
  EventFramer framer_;
  std::string marked_;  // what goes out next
};

}  // namespace weir
