// What the gateway itself answers: its own pages, lists of models in the shape of who asks, feedback, preflights.
#include "core/http.h"
#include "server/feedback_api.h"
#include "server/http_session.h"

namespace weir {

net::Task<void> HttpSession::answer_feedback() {
  const auto key = authenticate();
  if (!key) co_return co_await refuse(key.error());
  std::string body;
  const auto read = co_await read_body(body, ContentCoding::identity);
  if (!read && read.error().code == ErrorCode::client_gone) co_return;
  if (!read) co_return co_await refuse(read.error());
  auto taking = take_feedback(host_.worker, std::move(body), *key, cancellation_);
  auto answer = co_await std::move(taking);
  if (!answer) co_return co_await refuse(answer.error());
  answer->head.fields += own_fields("answered by the gateway itself");
  co_await respond(answer->head, answer->body);
}

net::Task<void> HttpSession::answer_surplus() {
  AnswerHead head{.status = 503};
  head.fields = own_fields("refused: too many connections") + "Retry-After: 1\r\n";
  closing_ = true;
  co_await respond(head, too_many_connections);
}

net::Task<void> HttpSession::answer_own() {
  const auto key = key_for_own();
  if (!key) co_return co_await refuse(key.error());
  if (request_.unserved != nullptr) {
    const auto error = unserved_error(*request_.unserved);
    co_return co_await refuse(error);
  }
  const auto base = base_url();
  const OwnRequest own{.path = request_.path,
                       .key = key->get(),
                       .accept = head_.get("accept"),
                       .base_url = base,
                       .sees = sees(key->get())};
  auto answer = co_await host_.api.get(own, cancellation_);
  if (!answer) co_return co_await refuse(answer.error());
  answer->head.fields += own_fields("answered by the gateway itself");
  co_await respond(answer->head, answer->body);
}

std::string HttpSession::base_url() const {
  const auto host = head_.get("host");
  const bool named = host_name(host).has_value();
  return fmt::format("{}://{}", settings().tls_certificate.empty() ? "http" : "https",
                     named ? host : std::string_view("localhost:4077"));
}

net::Task<void> HttpSession::answer_inquiry(const Format& format, const PathPattern& pattern, std::string named) {
  const auto key = authenticate();
  if (!key) co_return co_await refuse(key.error());
  std::string body;
  const auto read = co_await read_body(body, ContentCoding::identity);
  if (!read && read.error().code == ErrorCode::client_gone) co_return;
  if (!read) co_return co_await refuse(read.error());
  const auto cards = host_.api.cards(key->get());
  const Inquiry inquiry{.path = pattern.path, .named = named, .query = request_.query, .body = body};
  auto told = format.client->inform(inquiry, cards);
  if (!told) co_return co_await refuse(told.error());
  AnswerHead head{.fields = own_fields("answered by the gateway itself")};
  co_await respond(head, *told);
}

net::Task<void> HttpSession::answer_options() {
  AnswerHead head{.status = 204};
  const auto methods = allowed_methods();
  head.fields = fmt::format("Allow: {}\r\n", methods);
  if (!request_.origin.empty()) {
    const auto wanted = clean(head_.get("access-control-request-headers"));
    head.fields += fmt::format(
        "Access-Control-Allow-Methods: {}\r\nAccess-Control-Allow-Headers: {}\r\nAccess-Control-Max-Age: 600\r\n",
        methods, wanted.empty() ? "authorization, content-type" : wanted);
    // Chromium asks so before a page of the internet may reach a machine of one's own.
    if (equals_ignoring_case(head_.get("access-control-request-private-network"), "true"))
      head.fields += "Access-Control-Allow-Private-Network: true\r\n";
  }
  co_await respond(head, {});
}

}  // namespace weir
