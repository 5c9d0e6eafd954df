// Seals of thoughts (Part::signature) as the Responses format carries them: `encrypted_content` of a reasoning item,
// which its provider takes back only with the item's own id. So both travel as one text through other formats:
// `rs_0123/gAAAA…`. A tool call has no place for a seal here: a reasoning item before it, without a text, holds it.
// Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

namespace weir::responses {

struct Seal {
  std::string_view id;  // of the reasoning item; "" = not said
  std::string_view encrypted;
};

[[nodiscard]] std::string join_seal(std::string_view id, std::string_view encrypted);
[[nodiscard]] Seal split_seal(std::string_view signature);

// The `encrypted_content` that stands for the seal of the call behind it, and the seal in it ("" when it is none).
[[nodiscard]] std::string seal_of_call(std::string_view signature);
[[nodiscard]] std::string_view read_seal_of_call(std::string_view encrypted);

// Was this made here (not by the provider to whom it may be sent)? Ids of items that stand in answers that were
// translated; seals of other formats.
[[nodiscard]] bool is_made_id(std::string_view id);
[[nodiscard]] bool is_made_seal(std::string_view encrypted);
// `msg_weir_BASE_0`. `answer`: the answer's id.
[[nodiscard]] std::string make_item_id(std::string_view prefix, std::string_view answer, std::size_t number);

}  // namespace weir::responses
