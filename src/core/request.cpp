#include "core/request.h"

#include <algorithm>

#include "core/media_tokens.h"
#include "core/response.h"

namespace weir {
namespace {

bool is_picture(const Part& part) { return part.kind == Part::Kind::media && part.media.kind == Media::Kind::image; }

}  // namespace

std::string_view to_string(FinishReason reason) {
  switch (reason) {
    case FinishReason::none:
      return "";
    case FinishReason::stop:
      return "stop";
    case FinishReason::length:
      return "length";
    case FinishReason::tool_calls:
      return "tool_calls";
    case FinishReason::content_filter:
      return "content_filter";
  }
  return "";
}

bool Message::has_calls() const {
  return std::any_of(parts.begin(), parts.end(), [](const Part& part) { return part.kind == Part::Kind::tool_call; });
}

std::string_view Message::plain_text(std::string& buffer) const {
  std::string_view first;
  bool several = false;
  for (const auto& part : parts) {
    if (!is_text(part)) continue;
    if (several) {
      buffer += part.text;
    } else if (first.data() == nullptr) {
      first = part.text;
    } else {
      buffer.assign(first).append(part.text);
      several = true;
    }
  }
  return several ? std::string_view(buffer) : first;
}

std::string Request::spare_text() const {
  auto* const pool = document.get_deleter().pool;
  return pool != nullptr ? pool->spare_text() : std::string();
}

int64_t Request::estimated_media_tokens() const {
  int64_t tokens = 0;
  for (const auto& message : messages) {
    for (const auto& part : message.parts) {
      if (!is_picture(part)) tokens += media_tokens(part);
    }
  }
  return tokens;
}

int64_t Request::estimated_input_tokens() const {
  int64_t images = 0;
  for (const auto& message : messages) {
    for (const auto& part : message.parts) {
      if (is_picture(part)) images += media_tokens(part);
    }
  }
  const auto bytes = static_cast<int64_t>(text_bytes);
  return bytes * 10 / 36 + 4 * static_cast<int64_t>(messages.size()) + images + estimated_media_tokens() + 1;
}

}  // namespace weir
