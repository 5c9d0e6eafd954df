#include "config/load.h"
#include "config/wildcard_models.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "config/build.h"
#include "config/defaults.h"
#include "config/reader.h"
#include "formats/presets.h"
#include "guards/guard.h"
#include "policies/policy.h"

namespace weir {

bool is_id(std::string_view text) {
  constexpr std::string_view first = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  constexpr std::string_view rest = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/@+-";
  return !text.empty() && text.size() <= 128 && first.find(text[0]) != std::string_view::npos &&
         text.find_first_not_of(rest) == std::string_view::npos;
}

bool is_private_address(const Url& url) {
  if (url.scheme == Url::Scheme::unix_socket) return true;
  std::string host = url.host;
  std::transform(host.begin(), host.end(), host.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (host.find(':') != std::string::npos) {
    // IPv6: loopback, unique local, link-local.
    const bool unique_local = (host.starts_with("fc") || host.starts_with("fd")) && host.find(':') == 4;
    return host == "::1" || unique_local || host.starts_with("fe80:");
  }
  if (host.find_first_not_of("0123456789.") == std::string::npos) {
    std::array<int64_t, 4> octets{};
    std::string_view left = host;
    for (std::size_t i = 0; i < 4; ++i) {
      const auto dot = left.find('.');
      const auto octet = parse_integer(left.substr(0, dot));
      if (!octet || *octet > 255 || (dot == std::string_view::npos) != (i == 3)) return false;
      octets[i] = *octet;
      if (dot != std::string_view::npos) left.remove_prefix(dot + 1);
    }
    // 0.0.0.0, which servers print as their address, reaches this machine.
    return octets[0] == 127 || octets == std::array<int64_t, 4>{} || octets[0] == 10 ||
           (octets[0] == 192 && octets[1] == 168) || (octets[0] == 172 && octets[1] >= 16 && octets[1] <= 31) ||
           (octets[0] == 169 && octets[1] == 254);
  }
  if (host.find('.') == std::string::npos) return true;
  constexpr std::array<std::string_view, 6> ours = {".local",     ".internal",    ".lan",
                                                    ".home.arpa", ".localdomain", ".localhost"};
  return std::any_of(ours.begin(), ours.end(), [&](std::string_view end) { return host.ends_with(end); });
}

bool is_embedding_name(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  constexpr std::array<std::string_view, 7> marks = {"embed", "bge-", "/e5-", "minilm", "gte-", "/e5", "paraphrase-"};
  return lower.starts_with("e5-") || std::any_of(marks.begin(), marks.end(), [&](std::string_view mark) {
           return lower.find(mark) != std::string::npos;
         });
}

Environment process_environment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

FileReader disk_files() {
  return [](const std::string& path) -> std::optional<std::string> {
    constexpr std::size_t most = 16 * 1024 * 1024;
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    std::string text;
    std::array<char, 65536> piece{};
    while (file.read(piece.data(), piece.size()) || file.gcount() > 0) {
      text.append(piece.data(), static_cast<std::size_t>(file.gcount()));
      if (text.size() > most) return std::nullopt;
    }
    if (file.bad()) return std::nullopt;
    return text;
  };
}

Loaded load_config(const std::string& path, const Surroundings& surroundings) {
  auto text = surroundings.read_file ? surroundings.read_file(path) : std::nullopt;
  if (text) return load_config_text(*text, path, surroundings);
  Loaded loaded;
  loaded.problems.push_back({.file = path,
                             .message = "cannot be read",
                             .mend = "check the path and that the user who runs Weir may read it"});
  return loaded;
}

Loaded load_config_text(std::string_view text, const std::string& file, const Surroundings& surroundings) {
  Loaded loaded;
  loaded.text = text;
  yaml::Tree tree;
  if (!tree.parse(text, file, loaded.problems)) return loaded;
  config::Reading reading(file, surroundings.environment, loaded.problems);
  if (tree.root().kind != yaml::Node::Kind::map) {
    reading.error(&tree.root(), "a config is a map, and this is " + std::string(yaml::kind_name(tree.root())),
                  "begin with `providers:`; `weir examples` has complete ones");
    return loaded;
  }
  config::Document document;
  config::Reader::read(reading, tree.root(), document);
  loaded.snapshot = config::Builder(document, reading, surroundings).build();
  loaded.snapshot.source = file;
  std::stable_sort(loaded.problems.begin(), loaded.problems.end(), [](const Problem& a, const Problem& b) {
    return a.line != b.line ? a.line < b.line : a.column < b.column;
  });
  return loaded;
}

namespace config {

std::vector<std::string_view> provider_kinds() {
  std::vector<std::string_view> kinds;
  for (const auto& preset : presets()) kinds.push_back(preset.kind);
  return kinds;
}

std::vector<std::string_view> detector_names() {
  std::vector<std::string_view> names;
  for (const auto& info : guard_infos()) names.push_back(info.name);
  return names;
}

std::vector<std::string_view> unreadable_names() {
  std::vector<std::string_view> names;
  for (const auto& kind : unreadable_kinds()) names.push_back(kind.name);
  names.emplace_back("all");
  return names;
}

std::vector<std::string_view> policy_names() {
  std::vector<std::string_view> names;
  for (const auto& info : policy_infos()) names.push_back(info.name);
  return names;
}

Snapshot Builder::build() {
  server();
  snapshot_.limits = document_.limits.value;
  snapshot_.responses = document_.responses.value;
  guards();
  for (const auto& doc : document_.providers) provider(doc);
  for (const auto& doc : document_.models) model(doc);
  discovery();
  snapshot_.resolve = model_resolver(surroundings_.catalog);
  index_names(snapshot_);
  for (const auto& doc : document_.routes.value) {
    if (doc.name) claim(name_lines_, doc.name, "a route or model");
  }
  for (const auto& doc : document_.routes.value) route(doc);
  for (const auto& doc : document_.experiments) experiment(doc);
  snapshot_.default_routes = !document_.routes;
  if (snapshot_.default_routes) make_default_routes(snapshot_);
  identity();
  index_names(snapshot_);
  return std::move(snapshot_);
}

bool Builder::claim(std::map<std::string, std::size_t>& taken, const Text& name, std::string_view what) {
  const auto line = name.at != nullptr ? name.at->line : 0;
  if (!is_id(name.value)) {
    reading_.error(name.at, "this cannot name " + std::string(what),
                   "use letters, digits and . _ : / @ + -, a letter or digit first, at most 128");
    return false;
  }
  const auto [first, fresh] = taken.emplace(name.value, line);
  if (!fresh) {
    reading_.error(
        name.at,
        "`" + name.value + "` already names " + std::string(what) + ", at line " + std::to_string(first->second),
        "give one of them another name");
  }
  return fresh;
}

std::vector<std::string_view> Builder::model_names() const {
  std::vector<std::string_view> names;
  for (const auto& model : snapshot_.models) names.emplace_back(model.id);
  return names;
}

}  // namespace config
}  // namespace weir
