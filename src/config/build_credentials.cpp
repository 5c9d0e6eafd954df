// The credential of a provider, or several of them.
#include <algorithm>

#include "config/build.h"

namespace weir::config {
namespace {

constexpr std::size_t most_credentials = 32;

}  // namespace

void Builder::check_credential(const Text& key, const Preset* preset, std::string_view name) {
  if (!key.from_variable && !key.value.empty()) {
    const bool usual = preset != nullptr && !preset->key_variable.empty();
    reading_.warning(key.at, "the credential itself is in the file",
                     "write " + std::string(name) + ": ${" + (usual ? std::string(preset->key_variable) : "NAME") +
                         "} and set that variable");
  }
  const bool fits = std::all_of(key.value.begin(), key.value.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (!fits) {
    reading_.error(key.at, "the credential holds a space, a line break or another byte that no header may have",
                   "check for a line break at its end");
  }
}

void Builder::provider_keys(const ProviderDoc& doc, const Preset* preset, ProviderSettings& out) {
  if (doc.api_key) {
    reading_.error(doc.api_keys.front().at, "`api_keys` beside `api_key`", "keep one of the two");
  }
  if (doc.api_keys.size() > most_credentials) {
    reading_.error(doc.api_keys[most_credentials].at, "more than " + std::to_string(most_credentials) + " credentials",
                   "make several providers of it");
    return;
  }
  for (const auto& one : doc.api_keys) {
    if (!one.key) continue;
    check_credential(one.key, preset, "key");
    const auto same = std::find_if(out.credentials.begin(), out.credentials.end(),
                                   [&](const Credential& before) { return before.key == one.key.value; });
    if (one.key.value.empty()) {
      reading_.error(one.key.at, "an empty credential", "remove it, or set its variable");
    } else if (same != out.credentials.end()) {
      // The value is not repeated.
      reading_.error(one.key.at, "the same credential stands here twice", "keep one of them, with a greater weight");
    } else {
      out.credentials.push_back({.key = one.key.value, .weight = one.weight});
    }
  }
  if (out.credentials.empty()) return;
  out.api_key = out.credentials.front().key;
  if (out.credentials.size() == 1) out.credentials.clear();
}

}  // namespace weir::config
