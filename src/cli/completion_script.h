// Completion scripts for bash, zsh and fish, derived from the parser itself: commands, options, and what an option
// takes (a file, a folder, one of a few words). Pure; safe from any thread.
#pragma once

#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace weir {

[[nodiscard]] std::string bash_completion(const CLI::App& app);
[[nodiscard]] std::string zsh_completion(const CLI::App& app);
[[nodiscard]] std::string fish_completion(const CLI::App& app);

}  // namespace weir
