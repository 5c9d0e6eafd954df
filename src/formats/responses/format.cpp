// OpenAI's Responses: what its newer SDKs, its agents and its command line speak.
#include "formats/format.h"

#include "formats/responses/client_face.h"
#include "formats/responses/model_face.h"

namespace weir {

const Format& responses_format() {
  static const Format format{.name = responses::wire_name,
                             .description = "OpenAI's Responses, whole conversations only: nothing is stored",
                             .wire = responses::wire_name,
                             .framing = Framing::sse,
                             .in_order = true,
                             .serves = set_of(Operation::chat),
                             .client = &responses::client(),
                             .model = &responses::model()};
  return format;
}

}  // namespace weir
