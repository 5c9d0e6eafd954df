// Ollama's own wire format.
#include "formats/format.h"
#include "formats/ollama/model_face.h"

namespace weir {

const Format& ollama_format() {
  static const Format format{.name = "ollama",
                             .description = "Ollama's own API: /api/chat, /api/generate, /api/embed",
                             .wire = "",
                             .framing = Framing::ndjson,
                             .version_path = "/api/version",
                             .serves = set_of(Operation::chat, Operation::completion, Operation::embedding),
                             .model = &ollama_provider::face()};
  return format;
}

}  // namespace weir
