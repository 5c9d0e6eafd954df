#include "core/request.h"

#include "core/media_tokens.h"
#include "core/response.h"

namespace weir {

std::string_view to_string(Operation operation) {
  switch (operation) {
    case Operation::chat:
      return "chat";
    case Operation::completion:
      return "completion";
    case Operation::embedding:
      return "embedding";
  }
  return "";
}

std::string_view service_name(Operation operation) {
  switch (operation) {
    case Operation::chat:
      return "chat";
    case Operation::completion:
      return "completions";
    case Operation::embedding:
      return "embeddings";
  }
  return "";
}

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

std::string Request::spare_text() const {
  auto* const pool = document.get_deleter().pool;
  return pool != nullptr ? pool->spare_text() : std::string();
}

int64_t Request::estimated_media_tokens() const {
  int64_t tokens = 0;
  for (const auto& message : messages) {
    for (const auto& part : message.parts) {
      if (part.kind != Part::Kind::image_url) tokens += media_tokens(part);
    }
  }
  return tokens;
}

int64_t Request::estimated_input_tokens() const {
  int64_t images = 0;
  for (const auto& message : messages) {
    for (const auto& part : message.parts) {
      if (part.kind == Part::Kind::image_url) images += media_tokens(part);
    }
  }
  const auto bytes = static_cast<int64_t>(text_bytes);
  return bytes * 10 / 36 + 4 * static_cast<int64_t>(messages.size()) + images + estimated_media_tokens() + 1;
}

}  // namespace weir
