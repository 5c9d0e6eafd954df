// HttpSession: how answers are written.
#include "net/turn_end.h"
#include "server/http_session.h"

namespace weir {
namespace {

constexpr std::size_t small_body = 8 * 1024;

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return status < 400 ? "OK" : "Error";
  }
}

}  // namespace

net::Wait HttpSession::write_patience() {
  return {.deadline_us = host_.worker.loop.deadline_in_ms(limits().write_ms), .cancellation = &cancellation_};
}

void HttpSession::append_cors(std::string& text) const {
  if (request_.origin.empty()) return;
  text += "Access-Control-Allow-Origin: " + request_.origin + "\r\nVary: Origin\r\n";
  text +=
      "Access-Control-Expose-Headers: x-weir-request-id, x-request-id, x-weir-model, x-weir-zone, x-weir-reason, "
      "x-weir-attempts, "
      "x-weir-cache, x-weir-sandbox, Retry-After\r\n";
}

void HttpSession::append_head(std::string& text, const AnswerHead& head, std::optional<std::size_t> length) {
  if (host_.draining || closing_ || !body_read_) request_.keep_alive = false;
  if (!length && !request_.chunked_ok) request_.keep_alive = false;
  text += "HTTP/1.1 ";
  text += std::string_view(fmt::format_int(head.status).c_str());
  text += ' ';
  text += reason_phrase(head.status);
  text += "\r\nDate: ";
  text += host_.http_date();
  text += "\r\n";
  if (head.status != 204) {
    text += "Content-Type: ";
    text += head.content_type;
    text += "\r\n";
  }
  if (length && head.status != 204) {
    text += "Content-Length: ";
    text += std::string_view(fmt::format_int(*length).c_str());
    text += "\r\n";
  } else if (!length && request_.chunked_ok) {
    text += "Transfer-Encoding: chunked\r\nCache-Control: no-cache\r\nX-Accel-Buffering: no\r\n";
  }
  if (!request_.keep_alive)
    text += "Connection: close\r\n";
  else if (!request_.chunked_ok)
    text += "Connection: keep-alive\r\n";
  append_cors(text);
  text += head.fields;
  text += "\r\n";
}

net::Task<Status> HttpSession::respond(const AnswerHead& head, std::string_view body) {
  frame_.clear();
  append_head(frame_, head, body.size());
  if (request_.head_only) body = {};
  // Copying a small body costs less than a gathering system call.
  if (body.size() <= small_body) {
    frame_ += body;
    body = {};
  }
  co_await net::TurnEnd{host_.worker.loop};
  const auto written = co_await socket_.write_all(frame_, body, write_patience());
  if (written.status != net::IoStatus::ok) co_return failure(ErrorCode::client_gone, "The client left.");
  responded_ = true;
  co_return Status{};
}

void HttpSession::begin(const AnswerHead& head) {
  frame_.clear();
  append_head(frame_, head, std::nullopt);
  chunked_ = request_.chunked_ok;
}

net::Task<Status> HttpSession::write(std::string_view bytes) {
  if (chunked_) fmt::format_to(std::back_inserter(frame_), "{:x}\r\n", bytes.size());
  frame_ += bytes;
  if (chunked_) frame_ += "\r\n";
  co_await net::TurnEnd{host_.worker.loop};
  const auto written = co_await socket_.write_all(frame_, {}, write_patience());
  frame_.clear();
  if (written.status != net::IoStatus::ok) co_return failure(ErrorCode::client_gone, "The client left.");
  co_return Status{};
}

net::Task<Status> HttpSession::end() {
  responded_ = true;
  if (!chunked_) co_return Status{};
  const auto written = co_await socket_.write_all("0\r\n\r\n", {}, write_patience());
  if (written.status != net::IoStatus::ok) co_return failure(ErrorCode::client_gone, "The client left.");
  co_return Status{};
}

// The x-weir-* lines of an answer that no model gave.
std::string HttpSession::own_fields(std::string_view reason) const {
  return fmt::format(
      "x-weir-request-id: {0}\r\nx-request-id: {0}\r\nx-weir-model: none\r\nx-weir-zone: none\r\nx-weir-reason: "
      "{1}\r\nx-weir-attempts: 0\r\n",
      request_id_, reason);
}

net::Task<void> HttpSession::refuse(const Error& error) {
  if (request_id_.empty()) write_request_id(host_.worker.ids.next_key(wall_clock_us()), request_id_);
  AnswerHead head{.status = error.status()};
  head.fields = own_fields(fmt::format("refused: {}", to_string(error.code)));
  if (error.code == ErrorCode::method_not_allowed) head.fields += fmt::format("Allow: {}\r\n", allowed_methods());
  if (error.param == "content-encoding") head.fields += "Accept-Encoding: gzip, deflate, identity\r\n";
  if (error.code == ErrorCode::unauthorized) head.fields += "WWW-Authenticate: Bearer\r\n";
  if (error.retry_after_ms > 0) head.fields += fmt::format("Retry-After: {}\r\n", (error.retry_after_ms + 999) / 1000);
  if (error.code == ErrorCode::malformed_http || error.code == ErrorCode::headers_too_large ||
      error.code == ErrorCode::client_timeout) {
    closing_ = true;
  }
  if (error.code == ErrorCode::client_timeout) said_all_ = true;
  const auto body = error_body(error);
  co_await respond(head, body);
}

// In the shape that clients of the path can read.
std::string HttpSession::error_body(const Error& error) const {
  if (request_.unserved != nullptr) return write_unserved_error(*request_.unserved, error);
  const auto* const face = request_.format != nullptr ? request_.format->client : nullptr;
  return (face != nullptr ? *face : client_face("openai")).write_error(error);
}

}  // namespace weir
