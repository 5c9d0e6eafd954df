#include <array>

#include "formats/format.h"

namespace weir {

#define FORMAT(name) const Format& name##_format();
#include "formats/formats.def"
#undef FORMAT

namespace {

const auto& table() {
  static const std::array all = {
#define FORMAT(name) &name##_format(),
#include "formats/formats.def"
#undef FORMAT
  };
  return all;
}

}  // namespace

std::span<const Format* const> formats() { return table(); }

const Format* find_format(std::string_view name) {
  for (const auto* format : formats()) {
    if (format->name == name) return format;
  }
  return nullptr;
}

const ClientFace& client_face(std::string_view name) { return *find_format(name)->client; }

const ModelFace& model_face(std::string_view name) { return *find_format(name)->model; }

std::optional<std::string_view> match_pattern(std::string_view pattern, std::string_view path) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == path ? std::optional(std::string_view()) : std::nullopt;
  if (!path.starts_with(pattern.substr(0, star))) return std::nullopt;
  const auto rest = pattern.substr(star + 1);
  path.remove_prefix(star);
  if (path.size() <= rest.size() || !path.ends_with(rest)) return std::nullopt;
  return path.substr(0, path.size() - rest.size());
}

PathMatch match_path(std::string_view method, std::string_view path) {
  path = path.substr(0, path.find('?'));
  PathMatch match;
  for (const auto* format : formats()) {
    if (format->client == nullptr) continue;
    for (const auto& pattern : format->client->paths()) {
      const auto named = match_pattern(pattern.path, path);
      if (!named) continue;
      if (match.known == nullptr) match.known = format;
      if (pattern.method == method || (method == "HEAD" && pattern.method == "GET"))
        return {.format = format, .pattern = &pattern, .named = *named, .known = format};
    }
  }
  return match;
}

}  // namespace weir
