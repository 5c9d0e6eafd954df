#include "formats/shared/mended_answer.h"

#include "core/json_mend.h"
#include "core/text_halves.h"

namespace weir {

Status parse_answer(json::Document& document, std::string body) {
  auto parsed = document.parse(std::move(body));
  if (parsed) return {};
  const auto mended = json::mend(document.text());
  const bool usable = mended.usable && !mended.cut;
  if (usable && document.parse(mended.halves ? without_half_marks(mended.text) : mended.text)) return {};
  return parsed;
}

}  // namespace weir
