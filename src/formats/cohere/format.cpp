// Cohere's own wire format, and reranking as Jina and others do it.
#include "formats/format.h"
#include "formats/cohere/client_face.h"
#include "formats/cohere/model_face.h"

namespace weir {

const Format& cohere_format() {
  static const Format format{.name = "cohere",
                             .description = "Cohere's own API: chat, embed and rerank; reranking as Jina does it",
                             .wire = "cohere",
                             .framing = Framing::sse,
                             .in_order = true,
                             .serves = set_of(Operation::chat, Operation::embedding, Operation::rerank),
                             .client = &cohere_client::face(),
                             .model = &cohere_provider::face()};
  return format;
}

}  // namespace weir
