#include "core/response.h"

#include <algorithm>

namespace weir {

std::string Choice::text(Part::Kind kind) const {
  std::string all;
  for (const auto& part : parts) {
    if (part.kind == kind) all += part.text;
  }
  return all;
}

bool Choice::has(Part::Kind kind) const {
  return std::any_of(parts.begin(), parts.end(), [kind](const AnswerPart& part) { return part.kind == kind; });
}

void Choice::add_text(Part::Kind kind, std::string_view text) {
  const bool goes_on = !parts.empty() && parts.back().kind == kind && parts.back().signature.empty();
  if (goes_on) {
    parts.back().text += text;
  } else {
    auto& part = parts.emplace_back();
    part.kind = kind;
    part.text = text;
  }
}

void Choice::add_call(AnswerToolCall call) {
  auto& part = parts.emplace_back();
  part.kind = Part::Kind::tool_call;
  part.call = std::move(call);
}

void Choice::add_signature(std::string_view signature) {
  const bool open = !parts.empty() && parts.back().kind == Part::Kind::thinking && parts.back().signature.empty();
  if (!open) parts.emplace_back().kind = Part::Kind::thinking;
  parts.back().signature = signature;
}

}  // namespace weir
