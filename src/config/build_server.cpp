#include <algorithm>
#include <filesystem>

#include "config/build.h"
#include "core/nearest.h"
#include "guards/guard.h"

namespace weir::config {
namespace {

// `HOST:PORT`, `[IPV6]:PORT`, `unix:/PATH`
bool is_listen_address(std::string_view text) {
  if (text.starts_with("unix:")) return text.size() > 6 && text[5] == '/' && text.size() < 108;
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const auto port = parse_integer(text.substr(colon + 1));
  const auto host = text.substr(0, colon);
  const bool bracketed = host.front() == '[' && host.back() == ']' && host.size() > 2;
  const bool plain = host.find_first_of("[]:/ ") == std::string_view::npos;
  return port && *port >= 0 && *port <= 65535 && (bracketed || plain);
}

// `https://chat.example.org`, with a port where there is one; no path. Desktop apps and browser extensions have schemes
// of their own: `app://obsidian.md`. Or `*`.
bool is_origin(std::string_view text) {
  if (text == "*") return true;
  const auto scheme = text.find("://");
  if (scheme == std::string_view::npos || scheme == 0) return false;
  const auto lower_case = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '+';
  };
  const auto name = text.substr(0, scheme);
  if (!std::all_of(name.begin(), name.end(), lower_case)) return false;
  const auto rest = text.substr(scheme + 3);
  return !rest.empty() && rest.find_first_of("/ ,*@") == std::string_view::npos;
}

// `ai.example.org`, `10.0.0.5`, `[fd00::5]`; no port, since any will do. Or `*`.
bool is_host(std::string_view text) {
  if (text == "*") return true;
  if (text.starts_with('[') && text.ends_with(']')) return text.size() > 3;
  return !text.empty() && text.find_first_of("/:@ ,*[]") == std::string_view::npos;
}

// `0660`, also without its leading zero.
std::optional<uint32_t> octal(std::string_view text) {
  const bool digits = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '7'; });
  if (text.size() < 3 || text.size() > 4 || !digits) return std::nullopt;
  uint32_t mode = 0;
  for (const char c : text) mode = mode * 8 + static_cast<uint32_t>(c - '0');
  return mode <= 0777 ? std::optional(mode) : std::nullopt;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r";
  const auto begin = text.find_first_not_of(blank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

}  // namespace

std::string Builder::beside_config(const std::string& path) const {
  if (path.empty() || path.front() == '/') return path;
  return (std::filesystem::path(reading_.file()).parent_path() / path).string();
}

// The path of a file that must be there.
std::string Builder::readable_file(const Text& path, std::string_view key) {
  if (!path) return {};
  auto full = beside_config(path.value);
  if (surroundings_.read_file && !surroundings_.read_file(full)) {
    reading_.error(
        path.at, "the file of `" + std::string(key) + "` cannot be read",
        "check that it is there (paths are relative to the config) and that the user who runs Weir may read it");
  }
  return full;
}

void Builder::server() {
  const ServerDoc& doc = document_.server;
  ServerSettings& out = snapshot_.server;
  for (const auto& address : doc.listen) {
    if (!is_listen_address(address.value)) {
      reading_.error(address.at, "`listen` needs an address and a port",
                     "write 127.0.0.1:4077, [::1]:4077 or unix:/run/weir.sock");
    }
    out.listen.push_back(address.value);
  }
  if (out.listen.empty()) out.listen = {std::string(default_listen)};
  if (doc.socket_mode) {
    const auto mode = octal(doc.socket_mode.value);
    if (!mode) reading_.error(doc.socket_mode.at, "`socket_mode` needs octal digits", "write '0660' or '0600'");
    out.socket_mode = mode.value_or(out.socket_mode);
  }
  out.tls_certificate = readable_file(doc.tls.certificate, "certificate");
  out.tls_key = readable_file(doc.tls.key, "key");
  for (const auto& origin : doc.cors) {
    if (!is_origin(origin.value)) {
      reading_.error(origin.at, "`cors` needs an origin",
                     "write https://chat.example.org, without a path, or '*' for any");
    }
    out.cors_origins.push_back(origin.value);
  }
  for (const auto& host : doc.hosts) {
    if (!is_host(host.value)) {
      reading_.error(host.at, "`hosts` needs a name",
                     "write ai.example.org, without scheme, port or path, or '*' for any");
    }
    out.hosts.push_back(host.value);
  }
  metrics(doc.metrics, out);
  out.drain_ms = doc.drain_ms;
  out.threads = doc.threads;
  out.allow_keyless = doc.allow_keyless;
  out.core_dumps = doc.core_dumps;
  out.log_format = doc.log.format.value;
  out.log_level = doc.log.level.value;
}

void Builder::metrics(const MetricsDoc& doc, ServerSettings& out) {
  if (doc.listen && !is_listen_address(doc.listen.value)) {
    reading_.error(doc.listen.at, "`metrics.listen` needs an address and a port",
                   "write 127.0.0.1:9464, [::1]:9464 or unix:/run/weir-metrics.sock");
  }
  const auto& addresses = out.listen;
  if (doc.listen && std::find(addresses.begin(), addresses.end(), doc.listen.value) != addresses.end()) {
    reading_.error(doc.listen.at, "`metrics.listen` is an address that `listen` has too", "give it a port of its own");
  }
  if (doc.key && doc.key.value.empty()) {
    // Whoever names a key wants one asked for: an unset variable must not open the door.
    reading_.error(doc.key.at, "`metrics.key` is empty", "set the variable, or take the line out");
  }
  out.metrics_listen = doc.listen.value;
  out.metrics_key = doc.key.value;
}

void Builder::guards() {
  for (const auto& name : document_.guards.off) snapshot_.guards.off.push_back(name.value);
  for (const auto& doc : document_.guards.words) {
    WordList list;
    if (doc.label) {
      const auto bit = snapshot_.classes.add(doc.label.value);
      if (!bit) {
        reading_.error(doc.label.at, "this is no class, or one too many (64 there are)",
                       "use personal, financial, health, secret, special, identity, or custom:NAME with small letters, "
                       "digits, _ and -");
        continue;
      }
      list.label = *bit;
    }
    for (const auto& word : doc.words) {
      if (const auto text = trimmed(word.value); !text.empty()) list.words.emplace_back(text);
    }
    if (doc.file) word_file(doc.file, list);
    if (list.words.empty() && !doc.file) {
      reading_.error(doc.at, "a word list without words", "give `words: [one, two words]` or `file: words.txt`");
    }
    snapshot_.guards.word_lists.push_back(std::move(list));
  }
  for (const auto& doc : document_.guards.exceptions) exception(doc);
  snapshot_.guards.least_confidence = confidence_of(document_.guards.least_confidence.value);
}

void Builder::exception(const ExceptionDoc& doc) {
  std::vector<std::string_view> kinds;
  std::string_view guard;
  for (const GuardInfo& info : guard_infos()) {
    kinds.push_back(info.name);
    kinds.insert(kinds.end(), info.kinds.begin(), info.kinds.end());
    const bool finds = std::find(info.kinds.begin(), info.kinds.end(), doc.kind.value) != info.kinds.end();
    if (finds || info.name == doc.kind.value) guard = info.name;
  }
  if (doc.kind && guard.empty()) {
    const auto near = nearest(doc.kind.value, kinds);
    reading_.error(doc.kind.at, "guards find nothing that is called `" + doc.kind.value + "`",
                   near.empty() ? "take the name from the refusal or from `weir explain`"
                                : "did you mean `" + std::string(near) + "`?");
    return;
  }
  if (doc.domain && guard != "email") {
    reading_.error(doc.domain.at, "only mail addresses have a `domain`", "use `kind: email`, or give a `value`");
    return;
  }
  std::optional<Confidence> below;
  if (doc.below) below = confidence_of(doc.below.value);
  snapshot_.guards.exceptions.push_back(
      {.kind = doc.kind.value, .value = doc.value.value, .domain = doc.domain.value, .below = below});
}

void Builder::word_file(const Text& file, WordList& list) {
  const auto text = surroundings_.read_file ? surroundings_.read_file(beside_config(file.value)) : std::nullopt;
  if (!text) {
    // Without its words the class would never be found, and the data would flow: so this is an error, not a warning.
    reading_.error(file.at, "the word file cannot be read", "check that it is there: paths are relative to the config");
    return;
  }
  std::string_view left = *text;
  const auto before = list.words.size();
  while (!left.empty()) {
    const auto end = left.find('\n');
    const auto line = trimmed(left.substr(0, end));
    if (!line.empty() && line.front() != '#') list.words.emplace_back(line);
    if (end == std::string_view::npos) break;
    left.remove_prefix(end + 1);
  }
  if (list.words.size() == before)
    reading_.warning(file.at, "the word file holds no words", "write one word or phrase a line");
}

}  // namespace weir::config
