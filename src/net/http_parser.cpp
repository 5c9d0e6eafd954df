#include "net/http_parser.h"

#include <llhttp.h>

#include <algorithm>
#include <array>

#include "core/http.h"

namespace weir::net {

struct HttpParser::State {
  llhttp_t parser{};
  llhttp_settings_t settings{};
  llhttp_type_t type = HTTP_REQUEST;
  MessageHead* head = nullptr;
  std::string* body = nullptr;
  std::size_t body_limit = 0;
  bool body_over_limit = false;
  bool complete = false;
  std::size_t extras = 0;  // bytes of chunk extensions and trailers
};

namespace {

tl::unexpected<Error> malformed(std::string what) {
  return failure(ErrorCode::malformed_http, "The HTTP message is malformed: " + std::move(what) + ".");
}

}  // namespace

std::string_view MessageHead::get(std::string_view name) const {
  for (const auto& header : headers) {
    if (header.name.size() == name.size() && equals_ignoring_case(header.name, name)) return header.value;
  }
  return {};
}

namespace {

// llhttp may split a value only at the end of its input; a head is given whole, so each callback comes once per value.
template <typename Action>
int with_state(llhttp_t* parser, Action action) {
  return action(*static_cast<HttpParser::State*>(parser->data));
}

int on_url(llhttp_t* parser, const char* at, std::size_t length) {
  return with_state(parser, [&](auto& state) {
    state.head->target = {at, length};
    return 0;
  });
}

// What comes with a chunked body besides its content.
int on_extra(llhttp_t* parser, const char*, std::size_t length) {
  return with_state(parser, [&](auto& state) {
    state.extras += length;
    return state.extras > HttpParser::most_chunk_extras ? -1 : 0;
  });
}

int on_header_field(llhttp_t* parser, const char* at, std::size_t length) {
  return with_state(parser, [&](auto& state) {
    if (state.head == nullptr) return on_extra(parser, at, length);
    state.head->headers.push_back({{at, length}, {}});
    return 0;
  });
}

int on_header_value(llhttp_t* parser, const char* at, std::size_t length) {
  return with_state(parser, [&](auto& state) {
    if (state.head == nullptr) return on_extra(parser, at, length);
    state.head->headers.back().value = {at, length};
    return 0;
  });
}

int on_headers_complete(llhttp_t* parser) {
  return with_state(parser, [&](auto& state) {
    auto& head = *state.head;
    head.status = parser->status_code;
    head.http11 = parser->http_minor >= 1;
    head.keep_alive = llhttp_should_keep_alive(parser) != 0;
    head.content_length = parser->content_length;
    if (parser->flags & F_CHUNKED) {
      head.framing = BodyFraming::chunked;
    } else if (parser->flags & F_CONTENT_LENGTH) {
      head.framing = parser->content_length > 0 ? BodyFraming::length : BodyFraming::none;
    } else if (state.type == HTTP_RESPONSE && llhttp_message_needs_eof(parser)) {
      head.framing = BodyFraming::until_close;
    }
    return 0;
  });
}

int on_body(llhttp_t* parser, const char* at, std::size_t length) {
  return with_state(parser, [&](auto& state) {
    if (state.body == nullptr) return 0;
    if (state.body->size() + length > state.body_limit) {
      state.body_over_limit = true;
      return -1;
    }
    state.body->append(at, length);
    return 0;
  });
}

int on_message_complete(llhttp_t* parser) {
  return with_state(parser, [](auto& state) {
    state.complete = true;
    return static_cast<int>(HPE_PAUSED);
  });
}

// RFC 9110, 5.6.2. llhttp takes names with spaces in them, and none at all.
constexpr std::array<bool, 256> is_token_char = [] {
  std::array<bool, 256> table{};
  for (const char c :
       std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

bool is_token(std::string_view name) {
  return !name.empty() &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_token_char[static_cast<unsigned char>(c)]; });
}

std::string_view without_blanks(std::string_view value) {
  constexpr std::string_view blank = " \t";
  const auto begin = value.find_first_not_of(blank);
  if (begin == std::string_view::npos) return {};
  return value.substr(begin, value.find_last_not_of(blank) - begin + 1);
}

// llhttp takes any protocol of its list (RTSP, ICE), and any version of them.
Status check_protocol(std::string_view head) {
  const auto line = head.substr(0, head.find('\r'));
  const auto protocol = line.substr(line.rfind(' ') + 1);
  if (protocol == "HTTP/1.1" || protocol == "HTTP/1.0") return {};
  auto error = malformed("only HTTP/1.0 and HTTP/1.1 are spoken here");
  if (protocol.starts_with("HTTP/")) error.value().http_status = 505;
  return error;
}

// What llhttp tolerates in some version and we never do.
Status check_headers(const MessageHead& head, llhttp_type_t type) {
  if (head.headers.size() > HttpParser::most_headers) {
    return failure(ErrorCode::headers_too_large,
                   "The message has more than " + std::to_string(HttpParser::most_headers) + " header fields.");
  }
  int lengths = 0;
  int encodings = 0;
  int hosts = 0;
  for (const auto& header : head.headers) {
    if (!is_token(header.name)) return malformed("a header whose name is no token");
    if (equals_ignoring_case(header.name, "host")) ++hosts;
    if (equals_ignoring_case(header.name, "content-length")) ++lengths;
    if (equals_ignoring_case(header.name, "transfer-encoding")) {
      ++encodings;
      if (!equals_ignoring_case(header.value, "chunked"))
        return malformed("the only Transfer-Encoding taken is chunked");
    }
  }
  if (lengths > 1) return malformed("more than one Content-Length");
  if (encodings > 1) return malformed("more than one Transfer-Encoding");
  if (lengths > 0 && encodings > 0) return malformed("both Content-Length and Transfer-Encoding");
  // RFC 9112, 6.1: who speaks HTTP/1.0 knows no chunks, so whoever put them there may mean another end of the body.
  if (type == HTTP_REQUEST && encodings > 0 && !head.http11) return malformed("a Transfer-Encoding in HTTP/1.0");
  if (type == HTTP_REQUEST && hosts > 1) return malformed("more than one Host");
  if (type == HTTP_REQUEST && hosts == 0 && head.http11) return malformed("no Host");  // RFC 9112, 3.2
  return {};
}

}  // namespace

HttpParser::HttpParser(Kind kind) : state_(std::make_unique<State>()) {
  state_->type = kind == Kind::request ? HTTP_REQUEST : HTTP_RESPONSE;
  llhttp_settings_init(&state_->settings);
  state_->settings.on_url = on_url;
  state_->settings.on_header_field = on_header_field;
  state_->settings.on_header_value = on_header_value;
  state_->settings.on_headers_complete = on_headers_complete;
  state_->settings.on_body = on_body;
  state_->settings.on_chunk_extension_name = on_extra;
  state_->settings.on_chunk_extension_value = on_extra;
  state_->settings.on_message_complete = on_message_complete;
}

HttpParser::~HttpParser() = default;
HttpParser::HttpParser(HttpParser&&) noexcept = default;

Result<std::size_t> HttpParser::find_head(std::string_view bytes, std::size_t scanned) {
  // Line by line, so that a bare LF, a bare CR and folding are seen before llhttp sees them.
  std::size_t line = scanned;
  while (line > 0 && bytes[line - 1] != '\n') --line;
  for (;;) {
    const auto newline = bytes.find('\n', line);
    const auto end = newline == std::string_view::npos ? bytes.size() : newline;
    const auto text = bytes.substr(line, end - line);
    const auto carriage = text.find('\r');
    if (carriage != std::string_view::npos && carriage + 1 < text.size()) return malformed("a bare CR in the head");
    if (!text.empty() && text.find('\0') != std::string_view::npos) return malformed("a NUL in the head");
    if (line > 0 && !text.empty() && (text[0] == ' ' || text[0] == '\t')) return malformed("a folded header");
    if (newline == std::string_view::npos) return std::size_t{0};
    if (carriage == std::string_view::npos) return malformed("a line that ends with a bare LF");
    if (text.size() == 1) return newline + 1;
    line = newline + 1;
  }
}

Status HttpParser::parse_head(std::string_view head, MessageHead& out) {
  auto& state = *state_;
  llhttp_init(&state.parser, state.type, &state.settings);
  state.parser.data = &state;
  state.head = &out;
  state.body = nullptr;
  state.complete = false;
  state.extras = 0;
  out.headers.clear();
  out.framing = BodyFraming::none;
  out.expect_continue = false;
  const auto error = llhttp_execute(&state.parser, head.data(), head.size());
  state.head = nullptr;
  if (error != HPE_OK && !(error == HPE_PAUSED && state.complete) && error != HPE_PAUSED_UPGRADE) {
    return malformed(llhttp_get_error_reason(&state.parser));
  }
  for (auto& header : out.headers) header.value = without_blanks(header.value);
  if (state.type == HTTP_REQUEST) {
    out.method = llhttp_method_name(static_cast<llhttp_method_t>(state.parser.method));
    if (auto good = check_protocol(head); !good) return good;
    out.expect_continue = equals_ignoring_case(out.get("expect"), "100-continue");
  }
  return check_headers(out, static_cast<llhttp_type_t>(state_->type));
}

Result<HttpParser::BodyPart> HttpParser::parse_chunked(std::string_view bytes, std::string& out, std::size_t limit) {
  auto& state = *state_;
  state.body = &out;
  state.body_limit = limit;
  state.body_over_limit = false;
  const auto error = llhttp_execute(&state.parser, bytes.data(), bytes.size());
  state.body = nullptr;
  if (error == HPE_OK) return BodyPart{.consumed = bytes.size()};
  if (error == HPE_PAUSED && state.complete) {
    const auto end = static_cast<std::size_t>(llhttp_get_error_pos(&state.parser) - bytes.data());
    return BodyPart{.consumed = end, .complete = true};
  }
  if (state.extras > most_chunk_extras) {
    return failure(ErrorCode::headers_too_large, "The body's chunk extensions and trailers are too large.");
  }
  if (state.body_over_limit) return failure(ErrorCode::body_too_large, "The body is larger than the limit.");
  return malformed(llhttp_get_error_reason(&state.parser));
}

}  // namespace weir::net
