// Bootstrap: the Snapshot to serve, from a config file or from what is found on this machine. Asks servers for their
// models where the config leaves that open; dials out, so not for an event loop. Used at start, on reload, and by the
// commands that show what serving would do.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/load.h"
#include "core/snapshot.h"

namespace weir {

// One place that was asked for its models.
struct AskedServer {
  std::string title;  // `Ollama`
  std::string where;  // its URL, or the variable that named its key
  Zone zone;
  std::size_t models = 0;
  std::string trouble;  // why there are none; "" = there are
};

struct Bootstrap {
  std::shared_ptr<Snapshot> snapshot;  // null: the config was refused
  std::vector<Problem> problems;
  std::string text;  // of the config file
  std::vector<AskedServer> asked;
};

// `config_file` "" = zero configuration: local servers on their usual ports, cloud services whose key is in the
// environment
// (`<KIND>_BASE_URL` moves one, as `OPENAI_BASE_URL` does for its SDK), and sandbox models where neither is found.
[[nodiscard]] Bootstrap bootstrap(const std::string& config_file);

// Prices and context lengths from the embedded catalog, as of today.
[[nodiscard]] CatalogLookup catalog_lookup();

}  // namespace weir
