// Default places by the XDG Base Directory Specification 0.8. Pure functions of an environment; any thread.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace weir {

// Returns "" for a variable that is not set.
using Environment = std::function<std::string(std::string_view)>;
[[nodiscard]] Environment process_environment();

// $XDG_CONFIG_HOME/weir/weir.yaml, or ~/.config/weir/weir.yaml; /etc/weir/weir.yaml when there is no home. A relative
// XDG value is ignored, as the specification says.
[[nodiscard]] std::filesystem::path default_config_file(const Environment& environment);
// $XDG_DATA_HOME/weir, or ~/.local/share/weir; /var/lib/weir when there is no home.
[[nodiscard]] std::filesystem::path default_data_folder(const Environment& environment);

}  // namespace weir
