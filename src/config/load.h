// Loading a config: text → Snapshot, with everything that is wrong, each with file, line, column and the mend. Nothing
// here touches the world but through `Surroundings`, so that a load can be repeated in a test, byte for byte. The
// caller keeps the running Snapshot when the new one has errors. Any thread; one load at a time per Surroundings.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.h"
#include "config/values.h"
#include "core/snapshot.h"

namespace weir {

// Collides with none of the usual ports of model servers.
inline constexpr std::string_view default_listen = "127.0.0.1:4077";

// What the price catalog knows of a model.
struct CatalogEntry {
  Prices prices;
  int64_t context_length = 0;  // 0 = not known
  int64_t max_output = 0;      // 0 = not known
  std::string as_of;           // date of the data
  bool by_rule = false;        // it does not list this name: a rule for names like it gave the price
  bool deprecated = false;     // by its provider: never chosen by default
};
// By the catalog's provider id (Preset::catalog) and the model's name at the provider.
using CatalogLookup = std::function<std::optional<CatalogEntry>(std::string_view provider, std::string_view model)>;
// A whole file; nullopt when it cannot be read.
using FileReader = std::function<std::optional<std::string>(const std::string& path)>;

// What is wrong with files for TLS: the key that names the file, what, and the mend.
struct TlsFault {
  std::string param;
  std::string what;
  std::string mend;
};
using TlsCheck = std::function<std::optional<TlsFault>(const TlsSettings& settings)>;

// All that a load may look at. Any of them may be empty: nothing is found there then.
struct Surroundings {
  Environment environment;
  CatalogLookup catalog;
  FileReader read_file;
  TlsCheck check_tls = {};
};
// The environment of this process, and files up to 16 MiB.
[[nodiscard]] Environment process_environment();
[[nodiscard]] FileReader disk_files();

struct Loaded {
  Snapshot snapshot;              // to be used only when `usable`; `version` is left to the caller
  std::vector<Problem> problems;  // errors and warnings, by line
  std::string text;               // of the file, for render_problems

  [[nodiscard]] bool usable() const { return !has_errors(problems); }
};

[[nodiscard]] Loaded load_config(const std::string& path, const Surroundings& surroundings);
// `file`: its name, for messages, and the folder that the paths in it are relative to.
[[nodiscard]] Loaded load_config_text(std::string_view text, const std::string& file, const Surroundings& surroundings);

// Ids that may stand in a header and in a URL path: letters, digits and . _ : / @ + -, at most 128, a letter or digit
// first.
[[nodiscard]] bool is_id(std::string_view text);
// An address that is surely a machine of one's own: loopback, private or link-local addresses, unix sockets, names
// without a dot or that end in .local, .internal, .lan, .home.arpa, .localdomain or .localhost.
[[nodiscard]] bool is_private_address(const Url& url);
// By the name alone: embedding models serve no chat.
[[nodiscard]] bool is_embedding_name(std::string_view name);

}  // namespace weir
