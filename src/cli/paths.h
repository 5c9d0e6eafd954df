// Default places by the XDG Base Directory Specification 0.8. Pure functions of an environment; any thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "config/values.h"

namespace weir {

// $XDG_CONFIG_HOME/weir/weir.yaml, or ~/.config/weir/weir.yaml; /etc/weir/weir.yaml when there is no home. A relative
// XDG value is ignored, as the specification says.
[[nodiscard]] std::filesystem::path default_config_file(const Environment& environment);
// $XDG_DATA_HOME/weir, or ~/.local/share/weir; /var/lib/weir when there is no home.
[[nodiscard]] std::filesystem::path default_data_folder(const Environment& environment);

}  // namespace weir
