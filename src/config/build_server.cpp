#include <algorithm>
#include <filesystem>

#include "config/build.h"

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

// `https://chat.example.org`, with a port where there is one; no path. Or `*`.
bool is_origin(std::string_view text) {
  if (text == "*") return true;
  const auto scheme = text.starts_with("https://") ? 8U : text.starts_with("http://") ? 7U : 0U;
  if (scheme == 0) return false;
  const auto rest = text.substr(scheme);
  return !rest.empty() && rest.find_first_of("/ ,*") == std::string_view::npos;
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
  out.tls_certificate = readable_file(doc.tls.certificate, "certificate");
  out.tls_key = readable_file(doc.tls.key, "key");
  for (const auto& origin : doc.cors) {
    if (!is_origin(origin.value)) {
      reading_.error(origin.at, "`cors` needs an origin",
                     "write https://chat.example.org, without a path, or '*' for any");
    }
    out.cors_origins.push_back(origin.value);
  }
  out.drain_ms = doc.drain_ms;
  out.threads = doc.threads;
  out.allow_keyless = doc.allow_keyless;
  out.log_format = doc.log.format.value;
  out.log_level = doc.log.level.value;
}

void Builder::guards() {
  for (const auto& name : document_.guards.off) snapshot_.guards.off.push_back(name.value);
  for (const auto& doc : document_.guards.words) {
    WordList list;
    if (doc.label) {
      const auto bit = snapshot_.classes.add(doc.label.value);
      if (!bit) {
        reading_.error(doc.label.at, "this is no class, or one too many (64 there are)",
                       "use personal, financial, health, secret, or custom:NAME with small letters, digits, _ and -");
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
