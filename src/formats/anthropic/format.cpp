// Anthropic's Messages: what its clients and agents speak, and the models of Anthropic and the servers that copy it.
#include "formats/format.h"

#include "formats/anthropic/client_face.h"
#include "formats/anthropic/model_face.h"
#include "formats/anthropic/wire.h"

namespace weir {

const Format& anthropic_format() {
  static const Format format{
      .name = anthropic::format_name,
      .description = "Anthropic's Messages: Anthropic, its agents, servers that speak its format",
      .wire = anthropic::format_name,
      .framing = Framing::sse,
      .in_order = true,
      .serves = set_of(Operation::chat),
      .client = &anthropic::client_side(),
      .model = &anthropic::model_side()};
  return format;
}

}  // namespace weir
