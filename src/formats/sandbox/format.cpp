// The shipped stand-in: speaks OpenAI's wire format to a server inside the process that answers from a script
// (model.h), so that a first request shows the whole path, and tests and demos need neither key nor GPU.
#include "formats/format.h"
#include "formats/openai/model_face.h"

namespace weir {

const Format& sandbox_format() {
  static const Format format{
      .name = "sandbox",
      .description = "a scripted stand-in for a model, with latency, faults and cut streams on demand",
      .wire = openai_provider::dialect,
      .framing = Framing::sse,
      .serves = set_of(Operation::chat, Operation::completion, Operation::embedding),
      .model = &openai_provider::face()};
  return format;
}

}  // namespace weir
