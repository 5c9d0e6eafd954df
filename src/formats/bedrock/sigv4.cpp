#include "formats/bedrock/sigv4.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "core/hex.h"
#include "formats/shared/query.h"

namespace weir::bedrock {
namespace {

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string_view view_of(const Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

Digest hmac(std::string_view key, std::string_view text) {
  Digest digest{};
  unsigned int size = digest.size();
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(), digest.data(), &size);
  return digest;
}

constexpr char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Blanks at the ends away, several in a row as one.
std::string trimmed(std::string_view value) {
  std::string out;
  for (const char c : value) {
    const bool blank = c == ' ' || c == '\t';
    if (!blank) out += c;
    if (blank && !out.empty() && out.back() != ' ') out += ' ';
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

using Fields = std::vector<std::pair<std::string, std::string>>;

Fields signed_headers(const HttpRequest& request, std::string_view host) {
  Fields fields{{"host", std::string(host)}};
  for (const auto& [name, value] : request.headers.all()) {
    std::string key;
    for (const char c : name) key += small(c);
    if (key == "content-type" || key.starts_with("x-amz-")) fields.emplace_back(std::move(key), trimmed(value));
  }
  std::stable_sort(fields.begin(), fields.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  // Several lines of one name count as one, with commas.
  Fields joined;
  for (auto& field : fields) {
    if (!joined.empty() && joined.back().first == field.first) {
      joined.back().second += "," + field.second;
    } else {
      joined.push_back(std::move(field));
    }
  }
  return joined;
}

// What stands before the first `at`; behind it is what stays in `rest`, nothing where there is none.
std::string_view cut(std::string_view& rest, char at) {
  const auto end = rest.find(at);
  const auto front = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return front;
}

// Every segment encoded once more.
std::string canonical_path(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '/') {
      out += '/';
    } else {
      out += percent_encoded(path.substr(i, 1));
    }
  }
  return out.empty() ? "/" : out;
}

int value_of_hex(char c) {
  c = small(c);
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? value_of_hex(text[i + 1]) : -1;
    const int low = high >= 0 ? value_of_hex(text[i + 2]) : -1;
    if (low >= 0) i += 2;
    out += low >= 0 ? static_cast<char>(high * 16 + low) : text[i];
  }
  return out;
}

}  // namespace

std::optional<AwsCredential> aws_credential(std::string_view text) {
  const auto first = text.find(':');
  if (first == std::string_view::npos) return std::nullopt;
  AwsCredential credential{.access_key = text.substr(0, first), .secret = text.substr(first + 1), .session_token = {}};
  const auto second = credential.secret.find(':');
  if (second != std::string_view::npos) {
    credential.session_token = credential.secret.substr(second + 1);
    credential.secret = credential.secret.substr(0, second);
  }
  if (credential.access_key.empty() || credential.secret.empty()) return std::nullopt;
  return credential;
}

std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!query.empty()) {
    auto value = cut(query, '&');
    if (value.empty()) continue;
    const auto name = cut(value, '=');
    pairs.emplace_back(percent_encoded(decoded(name)), percent_encoded(decoded(value)));
  }
  std::sort(pairs.begin(), pairs.end());
  std::string out;
  for (const auto& [name, value] : pairs) out += fmt::format("{}{}={}", out.empty() ? "" : "&", name, value);
  return out;
}

// Days to a civil date: Howard Hinnant's algorithm, for years from 1 on.
std::string amz_date(int64_t wall_s) {
  const auto day = wall_s >= 0 ? wall_s / 86'400 : (wall_s - 86'399) / 86'400;
  const auto second = wall_s - day * 86'400;
  const auto shifted = day + 719'468;
  const auto era = shifted / 146'097;
  const auto of_era = shifted - era * 146'097;
  const auto year_of_era = (of_era - of_era / 1'460 + of_era / 36'524 - of_era / 146'096) / 365;
  const auto of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const auto from_march = (5 * of_year + 2) / 153;
  const auto month = from_march < 10 ? from_march + 3 : from_march - 9;
  const auto year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", year, month, of_year - (153 * from_march + 2) / 5 + 1,
                     second / 3'600, second / 60 % 60, second % 60);
}

std::string sha256_hex(std::string_view bytes) {
  Digest digest{};
  SHA256(bytes_of(bytes), bytes.size(), digest.data());
  return to_hex(digest);
}

void sign(HttpRequest& request, std::string_view host, std::string_view prefix, const AwsCredential& credential,
          const SigningScope& scope) {
  const auto time = amz_date(scope.wall_s);
  for (const std::string_view ours : {"X-Amz-Date", "X-Amz-Security-Token", "Authorization"}) {
    request.headers.remove(ours);
  }
  request.headers.add("X-Amz-Date", time);
  if (!credential.session_token.empty()) {
    request.headers.add("X-Amz-Security-Token", std::string(credential.session_token));
  }
  const auto target = std::string(prefix) + request.path;
  std::string_view query = target;
  const auto path = cut(query, '?');
  auto canonical = fmt::format("{}\n{}\n{}\n", request.method, canonical_path(path), canonical_query(query));
  std::string names;
  for (const auto& [name, value] : signed_headers(request, host)) {
    canonical += fmt::format("{}:{}\n", name, value);
    names += fmt::format("{}{}", names.empty() ? "" : ";", name);
  }
  canonical += fmt::format("\n{}\n{}", names, sha256_hex(request.body));

  const auto day = std::string_view(time).substr(0, 8);
  const auto credential_scope = fmt::format("{}/{}/{}/aws4_request", day, scope.region, scope.service);
  const auto to_sign = fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", time, credential_scope, sha256_hex(canonical));
  auto key = hmac(fmt::format("AWS4{}", credential.secret), day);
  for (const std::string_view step : {scope.region, scope.service, std::string_view("aws4_request")}) {
    key = hmac(view_of(key), step);
  }
  request.headers.add("Authorization",
                      fmt::format("AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}",
                                  credential.access_key, credential_scope, names, to_hex(hmac(view_of(key), to_sign))));
}

}  // namespace weir::bedrock
