// HTTP messages as values, for adapters that are pure functions of bytes. No I/O here. Names of headers are kept as
// they came and compared without regard to case.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);

class Headers {
 public:
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  // The first value of that name; "" when absent.
  [[nodiscard]] std::string_view get(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;
  void remove(std::string_view name);
  void clear() { fields_.clear(); }
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct HttpRequest {
  std::string method = "POST";
  std::string path;  // origin form, with query
  Headers headers;   // without Host, Content-Length, Connection: the client adds those
  std::string body;
};

struct HttpResponse {
  int status = 0;
  Headers headers;
  std::string body;
};

// `http://host:port/prefix`, `https://…`, `unix:/path`. Parsed once, at config load.
struct Url {
  enum class Scheme : uint8_t { http, https, unix_socket };
  Scheme scheme = Scheme::http;
  std::string host;   // for IPv6 without brackets; for unix: the socket's path
  uint16_t port = 0;  // filled in from the scheme where absent
  std::string path;   // without trailing slash; "" for none

  bool operator==(const Url&) const = default;
};

// False when `text` is no such URL; `out` is then unspecified.
[[nodiscard]] bool parse_url(std::string_view text, Url& out);
[[nodiscard]] std::string to_string(const Url& url);
// `host:port`, for IPv6 `[host]:port`; the port always.
[[nodiscard]] std::string authority_of(const Url& url);

}  // namespace weir
