#include "pipeline/scrub.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstring>

#include "core/base64.h"
#include "telemetry/log.h"

namespace weir {
namespace {

constexpr std::string_view hidden_credential = "[redacted]";
constexpr std::string_view hidden_echo = "[…]";
constexpr std::size_t shortest_secret = 4;  // of a value: less is in every other word
constexpr std::size_t shortest_piece = 6;   // of a credential that gives it away in the middle of a text
constexpr std::size_t shortest_end = 4;     // "your key ending in wxyz"
constexpr std::size_t window = 8;           // bytes in a row that message and prompt have in common
constexpr std::size_t widest_gap = 12;      // between two such runs: escapes, other spellings

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_key_char(char c) { return is_word(c) || c == '-' || c == '_'; }

// Bytes of a text that are not to be shown.
class Mask {
 public:
  explicit Mask(std::string_view text) : text_(text), hidden_(text.size(), 0) {}

  void hide(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < std::min(end, hidden_.size()); ++i) hidden_[i] = 1;
  }
  template <typename Same>
  void widen(Same&& belongs) {
    for (std::size_t i = 1; i < text_.size(); ++i) {
      if (hidden_[i - 1] != 0 && hidden_[i] == 0 && belongs(text_[i]) && belongs(text_[i - 1])) hidden_[i] = 1;
    }
    for (std::size_t i = text_.size(); i-- > 1;) {
      if (hidden_[i] != 0 && hidden_[i - 1] == 0 && belongs(text_[i - 1]) && belongs(text_[i])) hidden_[i - 1] = 1;
    }
  }
  void close_gaps(std::size_t widest) {
    std::size_t last = text_.size();  // begin of the gap; size = none open
    for (std::size_t i = 0; i < text_.size(); ++i) {
      if (hidden_[i] == 0) continue;
      if (last < i && i - last <= widest) hide(last, i);
      last = i + 1;
    }
  }
  [[nodiscard]] std::string apply(std::string_view with) const {
    std::string out;
    for (std::size_t i = 0; i < text_.size(); ++i) {
      if (hidden_[i] == 0) {
        out += text_[i];
      } else if (i == 0 || hidden_[i - 1] == 0) {
        out += with;
      }
    }
    return out;
  }

 private:
  std::string_view text_;
  std::vector<char> hidden_;
};

bool is_public_header(std::string_view name) {
  constexpr std::string_view public_headers[] = {"content-type", "accept",  "user-agent",    "referer",
                                                 "http-referer", "x-title", "content-length"};
  std::string lower(name);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return std::find(std::begin(public_headers), std::end(public_headers), lower) != std::end(public_headers) ||
         lower.ends_with("-version") || lower.ends_with("-beta");
}

// A header's value and what it is made of: `Bearer x`, `a=b; c=d`, `Basic dXNlcjpwYXNz`.
void add_secrets(std::string_view value, std::vector<std::string>& secrets, int depth = 0) {
  constexpr std::string_view scheme_names[] = {"Bearer", "Basic", "Token", "ApiKey", "Digest"};
  for (std::size_t at = 0; at < value.size();) {
    const auto end = std::min(value.find_first_of(" ;,=:\"", at), value.size());
    const auto part = value.substr(at, end - at);
    at = end + 1;
    const bool named = std::find(std::begin(scheme_names), std::end(scheme_names), part) != std::end(scheme_names);
    if (part.size() < shortest_secret || named) continue;
    secrets.emplace_back(part);
    const auto decoded = depth == 0 ? decode_base64(part) : std::nullopt;  // without its padding
    const bool readable = decoded && std::all_of(decoded->begin(), decoded->end(), [](char c) { return c >= ' '; });
    if (readable) add_secrets(*decoded, secrets, depth + 1);
  }
}

// What people write where a server wants some key and looks at none.
bool is_no_secret(std::string_view key) {
  constexpr std::string_view placeholders[] = {"EMPTY",  "none",      "None",   "dummy",      "fake",
                                               "no-key", "lm-studio", "ollama", "not-needed", "sk-no-key-required"};
  return key.size() < shortest_secret ||
         std::find(std::begin(placeholders), std::end(placeholders), key) != std::end(placeholders);
}

std::vector<std::string> secrets_of(const ProviderSettings& provider) {
  std::vector<std::string> secrets;
  if (!is_no_secret(provider.api_key)) secrets.push_back(provider.api_key);
  if (provider.tokens) {
    if (auto token = provider.tokens->last(); !is_no_secret(token)) secrets.push_back(std::move(token));
  }
  for (const auto& [key, weight] : provider.credentials) {
    if (key != provider.api_key && !is_no_secret(key)) secrets.push_back(key);
  }
  for (const auto& [name, value] : provider.headers) {
    if (!is_public_header(name)) add_secrets(value, secrets);
  }
  if (provider.proxy && !provider.proxy->credentials.empty()) {
    const auto& both = provider.proxy->credentials;
    for (const auto& secret : {encode_base64(both), both.substr(both.find(':') + 1)}) {
      if (!is_no_secret(secret)) secrets.push_back(secret);
    }
  }
  return secrets;
}

void hide_pieces(std::string_view text, std::string_view secret, Mask& mask) {
  const auto piece = std::min(shortest_piece, secret.size());
  for (std::size_t at = 0; at + piece <= secret.size(); ++at) {
    const auto wanted = secret.substr(at, piece);
    for (auto found = text.find(wanted); found != std::string_view::npos; found = text.find(wanted, found + 1)) {
      mask.hide(found, found + piece);
    }
  }
  // A word of its own that is the secret's begin or end.
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = begin;
    while (end < text.size() && is_key_char(text[end])) ++end;
    const auto word = text.substr(begin, end - begin);
    if (word.size() >= shortest_end && (secret.starts_with(word) || secret.ends_with(word))) mask.hide(begin, end);
    begin = end + 1;
  }
}

// Length of what stands for the hidden part of a key at `at`: `**`, `...`, `…`, `••`, `xxxx`; 0 when there is none.
std::size_t covering(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && text[end] == '*') ++end;
  if (end - at >= 2) return end - at;
  while (end < text.size() && text[end] == '.') ++end;
  if (end - at >= 3) return end - at;
  for (const std::string_view sign : {"…", "•", "●"}) {
    end = at;
    while (text.substr(end).starts_with(sign)) end += sign.size();
    if (end > at) return end - at;
  }
  return 0;
}

bool is_ascii_key_char(char c) { return static_cast<unsigned char>(c) < 0x80 && is_key_char(c); }

// `sk-...abcd`, `tk***yz`, `****yz`: dots need something on both sides, stars on one.
void hide_masked(std::string_view text, Mask& mask) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto cover = covering(text, at);
    if (cover == 0) continue;
    std::size_t begin = at;
    while (begin > 0 && is_ascii_key_char(text[begin - 1])) --begin;
    std::size_t end = at + cover;
    while (end < text.size() && (is_ascii_key_char(text[end]) || text[end] == '*')) ++end;
    const bool before = begin < at;
    const bool after = end > at + cover;
    const bool stars = text[at] == '*';
    if (stars ? before || after : before && after) mask.hide(begin, end);
    at = end - 1;
  }
}

std::string without_credentials(std::string_view text, const std::vector<std::string>& secrets) {
  Mask mask(text);
  for (const auto& secret : secrets) hide_pieces(text, secret, mask);
  hide_masked(text, mask);
  return redact(mask.apply(hidden_credential));
}

uint64_t folded(const char* at) {
  uint64_t bytes = 0;
  std::memcpy(&bytes, at, window);
  return bytes | 0x2020202020202020ULL;  // either case
}

constexpr std::size_t filter_bits = 4096;
std::size_t slot_of(uint64_t bytes) { return (bytes * 0x9e3779b97f4a7c15ULL) >> 52; }

// The windows of a message, to be looked up for every byte of a prompt.
class Windows {
 public:
  explicit Windows(std::string_view message) : message_(message) {
    for (std::size_t at = 0; at + window <= message.size(); ++at) {
      all_.emplace_back(folded(message.data() + at), at);
      filter_.set(slot_of(all_.back().first));
    }
    std::sort(all_.begin(), all_.end());
  }

  void hide_common(std::string_view text, Mask& mask) const {
    for (std::size_t at = 0; at + window <= text.size(); ++at) {
      const auto bytes = folded(text.data() + at);
      if (!filter_.test(slot_of(bytes))) continue;
      auto found = std::lower_bound(all_.begin(), all_.end(), std::pair(bytes, std::size_t{0}));
      for (; found != all_.end() && found->first == bytes; ++found) mask.hide(found->second, found->second + window);
    }
  }

 private:
  std::string_view message_;
  std::vector<std::pair<uint64_t, std::size_t>> all_;
  std::bitset<filter_bits> filter_;
};

// A short text that stands in the message as words of their own.
void hide_words(std::string_view message, std::string_view words, Mask& mask) {
  if (words.size() < 3) return;
  for (auto at = message.find(words); at != std::string_view::npos; at = message.find(words, at + 1)) {
    const auto end = at + words.size();
    const bool whole = (at == 0 || !is_word(message[at - 1])) && (end == message.size() || !is_word(message[end]));
    if (whole) mask.hide(at, end);
  }
}

// A field's name or an option's value, as an error rightly names it.
bool is_identifier(std::string_view text) {
  return text.size() <= 40 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}
bool is_number(std::string_view text) {
  return text.size() <= 9 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.' || c == '-'; });
}

template <typename Visit>
void for_each_prompt_text(const Request& request, Visit&& visit) {
  for (const auto& message : request.messages) {
    for (const auto& part : message.parts) visit(part.text);
    visit(message.name);
  }
  visit(request.rerank.query);
  for (const auto document : request.rerank.documents) visit(document);
  for (const auto input : request.inputs) visit(input);
  visit(request.suffix);
}

}  // namespace

void hide_credentials(Error& error, const ProviderSettings& provider) {
  const auto secrets = secrets_of(provider);
  for (auto* text : {&error.message, &error.provider_code, &error.param}) {
    if (!text->empty()) *text = without_credentials(*text, secrets);
  }
}

std::string without_echo(std::string_view message, const Request& request) {
  Mask mask(message);
  const Windows windows(message);
  for_each_prompt_text(request, [&](std::string_view text) {
    windows.hide_common(text, mask);
    if (text.size() < 2 * window) hide_words(message, text, mask);
  });
  if (request.document) {
    for (const auto text : request.texts()) {
      if (!is_identifier(text) && !is_number(text) && text != request.model) windows.hide_common(text, mask);
    }
  }
  mask.close_gaps(widest_gap);
  mask.widen(is_word);
  return mask.apply(hidden_echo);
}

}  // namespace weir
