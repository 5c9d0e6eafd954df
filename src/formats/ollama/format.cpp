// Ollama's own wire format.
#include "formats/format.h"
#include "formats/ollama/client_face.h"
#include "formats/ollama/model_face.h"

namespace weir {

const Format& ollama_format() {
  static const Format format{.name = "ollama",
                             .description = "Ollama's own API: /api/chat, /api/generate, /api/embed",
                             .wire = "ollama",
                             .framing = Framing::ndjson,
                             .in_order = true,
                             .version_path = "/api/version",
                             .serves = set_of(Operation::chat, Operation::completion, Operation::embedding),
                             .client = &ollama_client::face(),
                             .model = &ollama_provider::face()};
  return format;
}

}  // namespace weir
