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
// Prices come from the newest catalog there is: that of `data_folder`, or the binary's.
[[nodiscard]] Bootstrap bootstrap(const std::string& config_file, const std::string& data_folder);

// Prices and context lengths from that catalog, as of today.
[[nodiscard]] CatalogLookup catalog_lookup(const std::string& data_folder);
// A sentence where any model of the config is priced by a catalog older than 90 days; "" else.
[[nodiscard]] std::string prices_note(const Snapshot& snapshot);
// What a load looks at in this process: its environment, that catalog, files on disk.
[[nodiscard]] Surroundings process_surroundings(const std::string& data_folder);

}  // namespace weir
