#include "server/presented_key.h"

#include <algorithm>

#include "admission/key_prefix.h"
#include "core/base64.h"
#include "core/http.h"

namespace weir {
namespace {

// Less its scheme and blanks.
std::string_view bare(std::string_view value) {
  constexpr std::string_view scheme = "bearer ";
  if (equals_ignoring_case(value.substr(0, scheme.size()), scheme)) value.remove_prefix(scheme.size());
  while (value.starts_with(' ')) value.remove_prefix(1);
  while (value.ends_with(' ')) value.remove_suffix(1);
  return value;
}

// RFC 7617: `Basic base64(name:password)`. "" where no key of ours is in it.
std::string key_of_basic(std::string_view value) {
  constexpr std::string_view scheme = "basic ";
  if (!equals_ignoring_case(value.substr(0, scheme.size()), scheme)) return {};
  const auto pair = decode_base64(bare(value.substr(scheme.size())));
  if (!pair) return {};
  const auto colon = std::min(pair->find(':'), pair->size());
  auto name = pair->substr(0, colon);
  auto password = pair->substr(std::min(colon + 1, pair->size()));
  if (password.starts_with(key_prefix)) return password;
  return name.starts_with(key_prefix) ? name : std::string();
}

}  // namespace

std::string presented_key(const net::MessageHead& head) {
  std::string_view first;
  for (const auto* const name : {"authorization", "x-api-key", "api-key", "x-goog-api-key"}) {
    const auto value = head.get(name);
    if (bare(value).starts_with(key_prefix)) return std::string(bare(value));
    if (auto key = key_of_basic(value); !key.empty()) return key;
    if (first.empty()) first = value;
  }
  return std::string(first);
}

}  // namespace weir
