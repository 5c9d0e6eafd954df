// OpenAI's wire format: what every SDK speaks, and the vendors and local servers that copy it (presets.cpp).
#include "formats/format.h"
#include "formats/openai/client_face.h"
#include "formats/openai/files.h"
#include "formats/openai/media.h"
#include "formats/openai/model_face.h"

namespace weir {

const Format& openai_format() {
  static const Format format{
      .name = openai_provider::dialect,
      .description = "OpenAI's wire format: OpenAI, vendors and servers that are compatible with it",
      .wire = openai_provider::dialect,
      .framing = Framing::sse,
      .serves = static_cast<OperationSet>(
          set_of(Operation::chat, Operation::completion, Operation::embedding, Operation::rerank) |
          openai_media::operations | openai_files::operations),
      .client = &openai_dialect::face(),
      .model = &openai_provider::face()};
  return format;
}

}  // namespace weir
