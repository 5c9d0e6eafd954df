// Google's Gemini: the format of the Gemini API and of Gemini on Vertex AI.
#include "formats/format.h"
#include "formats/gemini/client_face.h"
#include "formats/gemini/model_face.h"

namespace weir {

const Format& gemini_format() {
  static const Format format{.name = gemini::format_name,
                             .description = "Google's Gemini: generateContent, embedContent and their streams",
                             .wire = gemini::format_name,
                             .framing = Framing::sse,
                             .in_order = true,
                             .serves = set_of(Operation::chat, Operation::embedding),
                             .client = &gemini::client_side(),
                             .model = &gemini::model_side()};
  return format;
}

}  // namespace weir
