// Pictures as steps of a stream: StreamEvents of the kind `other` that every server of pictures makes alike and that
// OpenAI's image stream is written from. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/response.h"
#include "core/stream_event.h"

namespace weir {

enum class PictureStep : int64_t {
  progress,  // how far it is: a number from 0 to 1, as JSON
  preview,   // number `index` of the pictures shown before it is done: base64
  done,      // picture `index` of the answer: base64, or an address
};

[[nodiscard]] StreamEvent progress_event(double part);
[[nodiscard]] StreamEvent preview_event(int64_t index, std::string base64);
[[nodiscard]] StreamEvent picture_event(int64_t index, const Picture& picture);

// nullopt for every other event.
[[nodiscard]] std::optional<PictureStep> picture_step(const StreamEvent& event);
// Of a `done`: its text is an address.
[[nodiscard]] bool is_address(const StreamEvent& event);

}  // namespace weir
