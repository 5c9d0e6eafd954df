#include "server/target.h"

#include <algorithm>
#include <array>

#include "core/http.h"

namespace weir {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// `%2F` is what it stands for. Control characters stay encoded: a path is shown in messages and headers.
std::string decoded(std::string_view path) {
  std::string out;
  for (std::size_t at = 0; at < path.size(); ++at) {
    const bool whole = path[at] == '%' && at + 2 < path.size();
    const int high = whole ? hex_digit(path[at + 1]) : -1;
    const int low = whole ? hex_digit(path[at + 2]) : -1;
    const int value = high < 0 || low < 0 ? -1 : high * 16 + low;
    if (value < 0x20 || value == 0x7f) {
      out += path[at];
      continue;
    }
    out += static_cast<char>(value);
    at += 2;
  }
  return out;
}

// What a deployment can be asked for, by Azure's paths.
constexpr std::array deployment_operations = {
    std::string_view("/chat/completions"),     std::string_view("/completions"),
    std::string_view("/embeddings"),           std::string_view("/images/generations"),
    std::string_view("/images/edits"),         std::string_view("/audio/speech"),
    std::string_view("/audio/transcriptions"), std::string_view("/audio/translations"),
};

// `/openai/deployments/NAME/chat/completions`, where NAME may have slashes of its own.
void take_deployment(RequestTarget& read) {
  constexpr std::string_view prefix = "/openai/deployments/";
  if (!read.path.starts_with(prefix)) return;
  const std::string_view rest = std::string_view(read.path).substr(prefix.size());
  for (const auto operation : deployment_operations) {
    if (!rest.ends_with(operation) || rest.size() == operation.size()) continue;
    read.deployment = rest.substr(0, rest.size() - operation.size());
    read.path = "/v1" + std::string(operation);
    return;
  }
}

bool erase_prefix(std::string& path, std::string_view prefix, std::size_t length) {
  if (!path.starts_with(prefix)) return false;
  path.erase(0, length);
  return true;
}

// What stands behind `/v1` in paths that are served, or that have an error of their own.
bool is_bare(std::string_view path) {
  constexpr std::array whole = {std::string_view("/chat/completions"),
                                std::string_view("/completions"),
                                std::string_view("/embeddings"),
                                std::string_view("/models"),
                                std::string_view("/responses"),
                                std::string_view("/messages"),
                                std::string_view("/messages/count_tokens"),
                                std::string_view("/rerank"),
                                std::string_view("/moderations")};
  constexpr std::array beginnings = {std::string_view("/models/"), std::string_view("/responses/"),
                                     std::string_view("/images/"), std::string_view("/audio/")};
  return std::find(whole.begin(), whole.end(), path) != whole.end() ||
         std::any_of(beginnings.begin(), beginnings.end(), [&](auto one) { return path.starts_with(one); });
}

// What clients make of a base URL with too much or too little in it: `/chat/completions`, `/v1/v1/models`,
// `/openai/v1/embeddings`, `/v1beta/openai/chat/completions`, `/v1/api/chat`, `/v1/models/`.
void mend_path(RequestTarget& read) {
  auto& path = read.path;
  if (path.size() > 1 && path.ends_with('/')) path.pop_back();
  erase_prefix(path, "/anthropic/v1/", 10);
  while (erase_prefix(path, "/v1/openai/", 3) || erase_prefix(path, "/v1beta/openai/", 7) ||
         erase_prefix(path, "/openai/openai/", 7)) {
  }
  take_deployment(read);
  erase_prefix(path, "/openai/", 7);
  // The base URL of an OpenAI client, given to a client of another format; and one that is there twice.
  while (erase_prefix(path, "/v1/v1/", 3) || erase_prefix(path, "/v1/v1beta/", 3) ||
         erase_prefix(path, "/v1/api/", 3) || erase_prefix(path, "/v1/v2/", 3) ||
         erase_prefix(path, "/v1beta/v1beta/", 7) || erase_prefix(path, "/api/api/", 4) ||
         erase_prefix(path, "/v2/v2/", 3)) {
  }
  if (is_bare(path)) path.insert(0, "/v1");
}

}  // namespace

RequestTarget read_target(std::string_view target) {
  RequestTarget read;
  const auto scheme = target.find("://");
  if (!target.starts_with('/') && scheme != std::string_view::npos) {
    const auto name = target.substr(0, scheme);
    if (equals_ignoring_case(name, "http") || equals_ignoring_case(name, "https")) {
      const auto rest = target.substr(scheme + 3);
      const auto end = std::min(rest.find_first_of("/?#"), rest.size());
      read.authority = rest.substr(0, end);
      target = rest.substr(end);
      if (!target.starts_with('/')) read.path.push_back('/');
    }
  }
  const auto mark = target.find('?');
  if (mark != std::string_view::npos) {
    read.query = target.substr(mark + 1);
    read.query = read.query.substr(0, read.query.find('#'));
  }
  const auto path = target.substr(0, target.find_first_of("?#"));
  if (read.path.empty() && path.find('%') == std::string_view::npos && path.find("//") == std::string_view::npos) {
    read.path = path;
  } else {
    for (const char c : decoded(path)) {
      if (c != '/' || !read.path.ends_with('/')) read.path += c;
    }
  }
  mend_path(read);
  return read;
}

}  // namespace weir
