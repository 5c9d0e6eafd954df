#include "formats/shared/errors.h"

#include <array>

#include <fmt/format.h>

#include "core/utf8.h"
#include "formats/shared/error_body.h"
#include "formats/shared/error_table.h"

namespace weir {
namespace {

constexpr std::size_t longest_message = 2000;
constexpr std::size_t longest_excerpt = 200;

void cut(std::string& text, std::size_t longest) {
  if (text.size() <= longest) return;
  text.resize(cut_at_character(text, longest).size());
  text += "…";
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

Error make_error(ErrorWords said, int status, std::string fallback_message) {
  if (status == 0) status = said.status;
  Error error;
  const auto words = said.haystack();
  error.code = meaning_of(status, words, said.param);
  if (error.code == ErrorCode::unsupported) error.lacks = lacking_ability(words);
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
    case ErrorCode::unsupported:
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

// Google's RetryInfo (google/rpc/error_details.proto) among `error.details`; the whole may stand in a list.
int64_t retry_info_ms(const json::Element& body) {
  json::Element root = body;
  json::Array list;
  if (root.get(list) == simdjson::SUCCESS && list.size() > 0) root = list.at(0);
  json::Array details;
  if (root["error"]["details"].get(details) != simdjson::SUCCESS) return 0;
  for (const auto detail : details) {
    std::string_view delay;
    if (detail["retryDelay"].get(delay) == simdjson::SUCCESS) return retry_delay_ms(delay);
  }
  return 0;
}

bool is_blank(char c) { return static_cast<unsigned char>(c) <= ' '; }

}  // namespace

bool is_error(const json::Wanted& error, const json::Wanted& object) {
  bool truth = true;
  const bool named = error.found && !error.value.is_null() && !(error.get(truth) && !truth);
  return named || object.text_or() == "error";
}

bool is_error_body(const json::Object& body) {
  std::array found{json::Wanted{"error"}, json::Wanted{"object"}, json::Wanted{"type"}};
  json::pick(body, found);
  return is_error(found[0], found[1]) || found[2].text_or() == "error";
}

Error classify_body(const json::Element& body, int status) {
  return make_error(read_error_words(body), status, "The provider reported an error without saying which.");
}

Error classify_text(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  json::Document document;
  const bool json_like = text.starts_with('{') || text.starts_with('[') || text.starts_with('"');
  if (json_like && document.parse_copy(text)) return classify_body(document.root(), 0);
  if (text.starts_with('<')) {
    // A page is never what was asked for, whatever it says.
    return {.code = ErrorCode::upstream_malformed,
            .message = describe_page({.status = 200, .body = std::string(text)})};
  }
  return make_error({.message = std::string(text.substr(0, 2 * longest_message))}, 0,
                    "The provider reported an error without saying which.");
}

Error classify_response(const HttpResponse& response) {
  json::Document document;
  ErrorWords said;
  int64_t retry_in_ms = 0;
  const auto begin = response.body.find_first_not_of(" \t\r\n");
  const bool json_like = begin != std::string::npos && (response.body[begin] == '{' || response.body[begin] == '[');
  if (json_like && document.parse_copy(response.body)) {
    said = read_error_words(document.root());
    retry_in_ms = retry_info_ms(document.root());
  } else if (begin != std::string::npos && response.body[begin] != '<') {
    said.inner = response.body.substr(begin, longest_message);
  }
  // A proxy's page to a good request: nothing that the caller could mend.
  const bool page = begin != std::string::npos && response.body[begin] == '<';
  const int status = page && (response.status == 400 || response.status == 422) ? 418 : response.status;
  auto error = make_error(std::move(said), status, describe_page(response));
  error.retry_after_ms = retry_after_ms(response.headers);
  if (error.retry_after_ms == 0) error.retry_after_ms = retry_in_ms;
  return error;
}

}  // namespace weir
