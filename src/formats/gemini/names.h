// Names as Google's servers take them. A field is known by two: in camel case, as the API's reference has it, and in
// snake case, as it stands in the protocol files. A value of an enumeration is known by its name and by its number
// (protobuf's JSON mapping; Google's older Python clients send numbers). Pure functions; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/json.h"

namespace weir::gemini {

// `key` is the field `camel`: `systemInstruction` or `system_instruction`.
[[nodiscard]] bool is_named(std::string_view key, std::string_view camel);

// The member of that name, in either spelling; false when there is none, or null.
[[nodiscard]] bool find(const json::Object& object, std::string_view camel, json::Element& out);
// Its text, or its number; the other thing when it is absent or of another type.
[[nodiscard]] std::string_view text_of(const json::Object& object, std::string_view camel,
                                       std::string_view otherwise = {});

// Which of `names` the value is, in capitals or not, or by its number; nullopt for what is none.
[[nodiscard]] std::optional<std::size_t> enumerator_of(const json::Element& value,
                                                       std::span<const std::string_view> names);

// Base64 in the usual alphabet: Google takes the one for URLs too. `text` itself where nothing has to be changed.
[[nodiscard]] bool is_url_base64(std::string_view text);
[[nodiscard]] std::string usual_base64(std::string_view text);

// A seal that carries the name of another provider (formats/shared/signature.h) as it is shown here: clients take a
// seal for base64. And back: nullopt for a seal that was shown as it came.
[[nodiscard]] std::string wrapped_seal(std::string_view seal);
[[nodiscard]] std::optional<std::string> unwrapped_seal(std::string_view text);

// What Google documents for a call that its model did not make and that therefore has no seal.
inline constexpr std::string_view no_seal = "skip_thought_signature_validator";

}  // namespace weir::gemini
