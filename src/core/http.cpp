#include "core/http.h"

#include <algorithm>
#include <charconv>

namespace weir {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool parse_authority(std::string_view authority, Url& out) {
  std::string_view port;
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == std::string_view::npos) return false;
    out.host = authority.substr(1, close - 1);
    const auto rest = authority.substr(close + 1);
    if (!rest.empty() && !rest.starts_with(':')) return false;
    if (!rest.empty()) port = rest.substr(1);
  } else {
    const auto colon = authority.find(':');
    out.host = authority.substr(0, colon);
    if (colon != std::string_view::npos) port = authority.substr(colon + 1);
    if (colon != std::string_view::npos && port.empty()) return false;
  }
  const auto stray = [](char c) { return (c >= 0 && c <= ' ') || c == '\x7f' || c == '@' || c == '?' || c == '#'; };
  if (out.host.empty() || std::any_of(out.host.begin(), out.host.end(), stray)) return false;
  if (port.empty()) return true;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  return error == std::errc{} && end == port.data() + port.size() && out.port != 0;
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view Headers::get(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (equals_ignoring_case(key, name)) return value;
  }
  return {};
}

bool Headers::has(std::string_view name) const {
  return std::any_of(fields_.begin(), fields_.end(),
                     [&](const auto& field) { return equals_ignoring_case(field.first, name); });
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [&](const auto& field) { return equals_ignoring_case(field.first, name); });
}

bool parse_url(std::string_view text, Url& out) {
  out = Url{};
  if (text.starts_with("unix:")) {
    out.scheme = Url::Scheme::unix_socket;
    out.host = text.substr(5);
    return out.host.starts_with('/');
  }
  if (text.starts_with("http://")) {
    out.scheme = Url::Scheme::http;
    out.port = 80;
    text.remove_prefix(7);
  } else if (text.starts_with("https://")) {
    out.scheme = Url::Scheme::https;
    out.port = 443;
    text.remove_prefix(8);
  } else {
    return false;
  }
  const auto slash = text.find('/');
  if (slash != std::string_view::npos) {
    auto path = text.substr(slash);
    while (path.ends_with('/')) path.remove_suffix(1);
    if (path.find_first_of(" ?#\r\n") != std::string_view::npos) return false;
    out.path = path;
  }
  return parse_authority(text.substr(0, slash), out);
}

std::string to_string(const Url& url) {
  if (url.scheme == Url::Scheme::unix_socket) return "unix:" + url.host;
  const bool tls = url.scheme == Url::Scheme::https;
  std::string text = tls ? "https://" : "http://";
  text += url.host.find(':') != std::string::npos ? "[" + url.host + "]" : url.host;
  if (url.port != (tls ? 443 : 80)) text += ":" + std::to_string(url.port);
  return text + url.path;
}

std::string authority_of(const Url& url) {
  const bool v6 = url.host.find(':') != std::string::npos;
  return (v6 ? "[" + url.host + "]" : url.host) + ":" + std::to_string(url.port);
}

}  // namespace weir
