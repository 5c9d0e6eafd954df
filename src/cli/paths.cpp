#include "cli/paths.h"

namespace weir {
namespace {

// `variable` when it is an absolute path, else `fallback` below the home; empty when there is no home either.
std::filesystem::path base_of(const Environment& environment, std::string_view variable, std::string_view fallback) {
  std::filesystem::path given = environment(variable).value_or("");
  if (given.is_absolute()) return given;
  const std::filesystem::path home = environment("HOME").value_or("");
  return home.is_absolute() ? home / fallback : std::filesystem::path();
}

}  // namespace

std::filesystem::path default_config_file(const Environment& environment) {
  const std::filesystem::path base = base_of(environment, "XDG_CONFIG_HOME", ".config");
  return base.empty() ? "/etc/weir/weir.yaml" : base / "weir" / "weir.yaml";
}

std::filesystem::path default_data_folder(const Environment& environment) {
  const std::filesystem::path base = base_of(environment, "XDG_DATA_HOME", ".local/share");
  return base.empty() ? "/var/lib/weir" : base / "weir";
}

}  // namespace weir
