// Loads config texts in a made-up world. For tests of config/.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "config/load.h"

namespace weir::test {

struct World {
  std::map<std::string, std::string, std::less<>> variables = {{"OPENAI_API_KEY", "sk-from-environment"}};
  std::map<std::string, std::string, std::less<>> files;

  [[nodiscard]] Surroundings surroundings() const {
    return {.environment = [this](std::string_view name) -> std::optional<std::string> {
              const auto found = variables.find(name);
              return found == variables.end() ? std::nullopt : std::optional(found->second);
            },
            .catalog = [](std::string_view provider, std::string_view model) -> std::optional<CatalogEntry> {
              if (provider != "openai") return std::nullopt;
              if (model == "gpt-4o") {
                return CatalogEntry{
                    .prices = {.input = 2'500'000, .cached = 1'250'000, .output = 10'000'000, .known = true},
                    .context_length = 128'000,
                    .max_output = 16'384,
                    .as_of = "2026-08-21"};
              }
              if (model == "gpt-4o-mini") {
                return CatalogEntry{.prices = {.input = 150'000, .cached = 75'000, .output = 600'000, .known = true},
                                    .context_length = 128'000,
                                    .as_of = "2026-08-21"};
              }
              if (model == "text-embedding-3-small") {
                return CatalogEntry{.prices = {.input = 20'000, .cached = 20'000, .output = 0, .known = true},
                                    .as_of = "2026-08-21"};
              }
              return std::nullopt;
            },
            .read_file = [this](const std::string& path) -> std::optional<std::string> {
              const auto found = files.find(path);
              return found == files.end() ? std::nullopt : std::optional(found->second);
            }};
  }

  [[nodiscard]] Loaded load(std::string_view text) const {
    return load_config_text(text, "etc/weir.yaml", surroundings());
  }
};

// Every problem as `LINE:COLUMN message | mend`, one a line; warnings begin with `w `.
inline std::string problems_of(const Loaded& loaded) {
  std::string out;
  for (const auto& one : loaded.problems) {
    out += one.weight == Weight::warning ? "w " : "";
    out += std::to_string(one.line) + ":" + std::to_string(one.column) + " " + one.message + " | " + one.mend + "\n";
  }
  return out;
}

}  // namespace weir::test
