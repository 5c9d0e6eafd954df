#include "core/wildcard.h"

#include <algorithm>

namespace weir {
namespace {

constexpr std::size_t longest_name = 128;

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._:/@+-").find(c) != std::string_view::npos;
}

// Some formats put the name into the path of a URL.
bool leads_elsewhere(std::string_view name) {
  for (std::size_t at = 0; at <= name.size();) {
    const auto end = std::min(name.find('/', at), name.size());
    const auto segment = name.substr(at, end - at);
    if (segment.empty() || segment == "." || segment == "..") return true;
    at = end + 1;
  }
  return false;
}

// How a caller writes a model of it by the way of its provider.
std::string path_pattern(const Snapshot& snapshot, const ModelSettings& wildcard) {
  return snapshot.providers[wildcard.provider].id + "/" + wildcard.name;
}

std::optional<std::string_view> star_in(const Snapshot& snapshot, const ModelSettings& wildcard,
                                        std::string_view name) {
  if (const auto star = star_of(wildcard.id, name)) return star;
  return star_of(path_pattern(snapshot, wildcard), name);
}

}  // namespace

std::optional<std::string_view> star_of(std::string_view pattern, std::string_view name) {
  const auto at = pattern.find('*');
  if (at == std::string_view::npos || name.size() < pattern.size() || name.size() > longest_name) return std::nullopt;
  const auto before = pattern.substr(0, at);
  const auto after = pattern.substr(at + 1);
  if (!name.starts_with(before) || !name.ends_with(after)) return std::nullopt;
  if (!std::all_of(name.begin(), name.end(), is_name_char) || leads_elsewhere(name)) return std::nullopt;
  return name.substr(at, name.size() - before.size() - after.size());
}

std::string with_star(std::string_view pattern, std::string_view star) {
  const auto at = pattern.find('*');
  if (at == std::string_view::npos) return std::string(pattern);
  return std::string(pattern.substr(0, at)).append(star).append(pattern.substr(at + 1));
}

std::optional<uint32_t> find_wildcard(const Snapshot& snapshot, std::string_view name) {
  const auto found = std::find_if(snapshot.wildcards.begin(), snapshot.wildcards.end(), [&](uint32_t index) {
    return star_in(snapshot, snapshot.models[index], name).has_value();
  });
  return found == snapshot.wildcards.end() ? std::nullopt : std::optional(*found);
}

std::optional<ModelSettings> model_by_wildcard(const Snapshot& snapshot, uint32_t wildcard, std::string_view name) {
  const auto& pattern = snapshot.models[wildcard];
  const auto star = star_in(snapshot, pattern, name);
  if (!star) return std::nullopt;
  auto model = pattern;
  model.id = with_star(pattern.id, *star);
  model.name = with_star(pattern.name, *star);
  model.wildcard = false;
  // The star alone was looked at: what stands around it must not make a way upwards of it.
  if (model.name.size() > longest_name || model.id.size() > longest_name || leads_elsewhere(model.name)) {
    return std::nullopt;
  }
  if (snapshot.resolve) snapshot.resolve(model, snapshot.providers[model.provider]);
  return model;
}

std::shared_ptr<Snapshot> with_named_model(const Snapshot& snapshot, std::string_view name) {
  if (snapshot.wildcards.empty() || snapshot.route_by_name.contains(name)) return nullptr;
  const auto index = find_model(snapshot, name);
  if (!index || !snapshot.models[*index].wildcard) return nullptr;
  auto model = model_by_wildcard(snapshot, *index, name);
  if (!model) return nullptr;
  auto named = std::make_shared<Snapshot>();
  named->version = snapshot.version;
  named->source = snapshot.source;
  named->server = snapshot.server;
  named->limits = snapshot.limits;
  named->classes = snapshot.classes;
  named->providers = snapshot.providers;
  named->models = snapshot.models;
  named->routes = snapshot.routes;
  named->default_routes = snapshot.default_routes;
  named->sandbox = snapshot.sandbox;
  named->resolve = snapshot.resolve;
  named->models[*index] = std::move(*model);
  index_names(*named);
  // As it was asked for, whichever of its names that is.
  named->model_by_id.emplace(name, *index);
  return named;
}

}  // namespace weir
