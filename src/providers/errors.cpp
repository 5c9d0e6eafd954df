#include "providers/errors.h"

#include <array>
#include <charconv>

#include <fmt/format.h>

namespace weir {
namespace {

constexpr std::size_t longest_message = 2000;
constexpr std::size_t longest_excerpt = 200;

// What an error body says, before it is judged.
struct Said {
  std::string message;
  std::string code;  // `code`, else `type`, else `status`
  std::string type;
  std::string param;
  int status = 0;  // a numeric code of the body's own
};

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

void cut(std::string& text, std::size_t longest) {
  if (text.size() <= longest) return;
  std::size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  text.resize(end);
  text += "…";
}

// Text of a value: a string as it is, anything else as JSON.
std::string text_of(const json::Element& value) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) return std::string(text);
  return value.is_null() ? std::string() : simdjson::minify(value);
}

void read_code(const json::Object& object, Said& said) {
  json::Element code;
  if (object.at_key("code").get(code) == simdjson::SUCCESS) {
    int64_t number = 0;
    if (code.get(number) == simdjson::SUCCESS && number >= 400 && number <= 599) said.status = static_cast<int>(number);
    said.code = text_of(code);
  }
  json::Element type;
  if (object.at_key("type").get(type) == simdjson::SUCCESS) said.type = text_of(type);
  if (said.code.empty() || said.status != 0) {
    const auto status = json::string_or(object, "status");  // Gemini
    if (!said.type.empty()) {
      said.code = said.type;
    } else if (!status.empty()) {
      said.code = status;
    }
  }
  said.param = json::string_or(object, "param");
}

// FastAPI: `{"detail": [{"loc": ["body", "x"], "msg": "…"}]}`.
std::string read_detail(const json::Element& detail) {
  json::Array list;
  if (detail.get(list) != simdjson::SUCCESS) return text_of(detail);
  std::string text;
  for (const auto entry : list) {
    json::Object object;
    if (entry.get(object) != simdjson::SUCCESS) return text_of(detail);
    std::string place;
    json::Array location;
    if (object.at_key("loc").get(location) == simdjson::SUCCESS) {
      for (const auto part : location) place += (place.empty() ? "" : ".") + text_of(part);
    }
    if (!text.empty()) text += "; ";
    text += fmt::format("{}{}{}", place, place.empty() ? "" : ": ", json::string_or(object, "msg", "refused"));
  }
  return text;
}

void read_object(const json::Object& object, Said& said);

void read_error(const json::Element& error, Said& said) {
  json::Object inner;
  if (error.get(inner) == simdjson::SUCCESS) {
    read_object(inner, said);
    if (said.message.empty()) said.message = simdjson::minify(error);
  } else {
    said.message = text_of(error);
  }
}

void read_object(const json::Object& object, Said& said) {
  json::Element value;
  if (object.at_key("message").get(value) == simdjson::SUCCESS) {
    json::Object inner;
    if (value.get(inner) == simdjson::SUCCESS && inner.at_key("detail").get(value) == simdjson::SUCCESS) {
      said.message = read_detail(value);
    } else {
      said.message = text_of(value);
    }
  } else if (object.at_key("detail").get(value) == simdjson::SUCCESS) {
    said.message = read_detail(value);
  }
  read_code(object, said);
}

Said read_body(json::Element body) {
  Said said;
  json::Array list;
  if (body.get(list) == simdjson::SUCCESS && list.size() != 0) body = list.at(0).value_unsafe();
  json::Object object;
  if (body.get(object) != simdjson::SUCCESS) {
    said.message = text_of(body);
    return said;
  }
  read_object(object, said);
  json::Element error;
  if (object.at_key("error").get(error) == simdjson::SUCCESS && !error.is_null()) {
    const auto outer = std::move(said);
    said = Said{};
    read_error(error, said);
    if (said.code.empty()) said.code = outer.code;
    if (said.code.empty()) said.code = json::string_or(object, "error_type");  // TGI
  }
  return said;
}

// Visible text of a page: tags, scripts and styles away, blanks joined.
std::string excerpt(std::string_view page) {
  std::string text;
  bool in_tag = false;
  for (std::size_t i = 0; i < page.size() && text.size() < longest_excerpt; ++i) {
    const char c = page[i];
    if (c == '<') {
      for (const std::string_view hidden : {"<style", "<script"}) {
        if (!page.substr(i).starts_with(hidden)) continue;
        const auto end = page.find("</", i + 1);
        i = end == std::string_view::npos ? page.size() : end;
      }
      in_tag = true;
      if (!text.empty() && text.back() != ' ') text += ' ';
    } else if (c == '>' && in_tag) {
      in_tag = false;
    } else if (!in_tag) {
      const bool blank = static_cast<unsigned char>(c) <= ' ';
      if (!blank) text += c;
      if (blank && !text.empty() && text.back() != ' ') text += ' ';
    }
  }
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

std::string describe_page(const HttpResponse& response) {
  std::string_view body = response.body;
  const auto begin = body.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos)
    return fmt::format("The provider answered HTTP {} without a body.", response.status);
  body.remove_prefix(begin);
  if (body.starts_with('<')) {
    return fmt::format("The provider answered with HTML, not JSON (HTTP {}): {}", response.status, excerpt(body));
  }
  std::string text(body.substr(0, 4 * longest_excerpt));
  cut(text, longest_excerpt);
  return fmt::format("The provider answered HTTP {}: {}", response.status, text);
}

bool contains_any(std::string_view text, std::span<const std::string_view> needles) {
  return std::any_of(needles.begin(), needles.end(),
                     [&](std::string_view needle) { return text.find(needle) != std::string_view::npos; });
}

// Codes and phrases by which providers say that the prompt does not fit; sources in docs/compatibility.md.
constexpr std::string_view overflow_signs[] = {
    "context_length_exceeded",
    "exceed_context_size",
    "maximum context length",
    "maximum model length",
    "context window",
    "available context size",
    "greater than the context length",
    "exceeds the context",
    "context the overflows",
    "max context length",
    "input length exceeds",
    "prompt is too long",
    "prompt too long",
    "reduce the length of the messages",
    "`inputs` must have less than",
    "`inputs` tokens + `max_new_tokens` must be",
    "input token count",
    "exceed context limit",
    "context limit",
    "string_above_max_length",
    "model_max_prompt_tokens_exceeded",
};
constexpr std::string_view filter_signs[] = {
    "content_filter",
    "content_policy_violation",
    "responsibleaipolicyviolation",
    "content management policy",
    "moderation_blocked",
    "prohibited_content",
    "flagged",
    "content exists risk",
    "data_inspection_failed",
};
constexpr std::string_view account_signs[] = {"insufficient_quota",   "billing_hard_limit",
                                              "billing_not_active",   "insufficient balance",
                                              "insufficient_balance", "credit balance is too low"};

ErrorCode judge(int status, std::string_view said) {
  const bool refused = status == 0 || status == 400 || status == 403 || status == 413 || status == 422;
  if ((refused || status == 500) && status != 403 && contains_any(said, overflow_signs))
    return ErrorCode::context_overflow;
  if (refused && contains_any(said, filter_signs)) return ErrorCode::content_filtered;
  if (status < 500 && contains_any(said, account_signs)) return ErrorCode::upstream_auth;
  switch (status) {
    case 0:
      break;
    case 401:
    case 402:
    case 403:
      return ErrorCode::upstream_auth;
    case 404:
      return ErrorCode::upstream_no_model;
    case 408:
    case 504:
      return ErrorCode::upstream_timeout;
    case 409:
    case 425:
      return ErrorCode::upstream_server_error;
    case 429:
      return ErrorCode::upstream_rate_limited;
    default:
      if (status >= 500) return ErrorCode::upstream_server_error;
      return status >= 400 ? ErrorCode::upstream_rejected : ErrorCode::upstream_malformed;
  }
  // Inside a stream there is no status: words have to do.
  constexpr std::string_view limits[] = {"rate_limit", "rate limit", "too many requests"};
  constexpr std::string_view refusals[] = {"invalid_request", "bad_request", "badrequest"};
  if (contains_any(said, limits)) return ErrorCode::upstream_rate_limited;
  if (contains_any(said, refusals)) return ErrorCode::upstream_rejected;
  return ErrorCode::upstream_server_error;
}

Error make_error(Said said, int status, std::string fallback_message) {
  if (status == 0) status = said.status;
  Error error;
  error.code = judge(status, lowered(said.code + " " + said.type + " " + said.message));
  error.message = said.message.empty() ? std::move(fallback_message) : std::move(said.message);
  error.provider_code = said.code.empty() ? std::move(said.type) : std::move(said.code);
  cut(error.message, longest_message);
  cut(error.provider_code, longest_excerpt);
  switch (error.code) {
    case ErrorCode::upstream_auth:
      // Providers quote a part of the key that they refuse; it is ours, not the caller's.
      error.message = fmt::format("The provider refused Weir's credential or account (HTTP {}{}{}).", status,
                                  error.provider_code.empty() ? "" : ", ", error.provider_code);
      break;
    case ErrorCode::upstream_rejected:
      error.http_status = status;
      error.param = std::move(said.param);
      break;
    case ErrorCode::context_overflow:
      error.param = std::move(said.param);
      break;
    case ErrorCode::upstream_malformed:
      if (status >= 300) error.message += " Is the provider's `url` right?";
      break;
    default:
      break;
  }
  return error;
}

}  // namespace

bool is_error(const json::Wanted& error, const json::Wanted& object) {
  return (error.found && !error.value.is_null()) || object.text_or() == "error";
}

bool is_error_body(const json::Object& body) {
  std::array found{json::Wanted{"error"}, json::Wanted{"object"}};
  json::pick(body, found);
  return is_error(found[0], found[1]);
}

Error classify_body(const json::Element& body, int status) {
  return make_error(read_body(body), status, "The provider reported an error without saying which.");
}

Error classify_response(const HttpResponse& response) {
  json::Document document;
  Said said;
  const auto begin = response.body.find_first_not_of(" \t\r\n");
  const bool json_like = begin != std::string::npos && (response.body[begin] == '{' || response.body[begin] == '[');
  if (json_like && document.parse_copy(response.body)) said = read_body(document.root());
  auto error = make_error(std::move(said), response.status, describe_page(response));
  error.retry_after_ms = retry_after_ms(response.headers);
  return error;
}

}  // namespace weir
