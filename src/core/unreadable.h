// Unreadable: the kinds of content that a request may carry and that no guard can read: nobody here knows whether they
// are private, so they count as a sensitivity class of their own. By their form alone: keys, media types, first bytes.
// Pure functions and values; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir {

using UnreadableSet = uint8_t;

inline constexpr UnreadableSet unreadable_images = 1U << 0;
inline constexpr UnreadableSet unreadable_audio = 1U << 1;
inline constexpr UnreadableSet unreadable_video = 1U << 2;
inline constexpr UnreadableSet unreadable_files = 1U << 3;    // documents, and references to what a provider has
inline constexpr UnreadableSet unreadable_tokens = 1U << 4;   // a prompt as token ids or vectors
inline constexpr UnreadableSet unreadable_encoded = 1U << 5;  // base64 that is no text, escapes too deep to be undone

struct UnreadableKind {
  UnreadableSet bit = 0;
  std::string_view name;   // as in the config: `images`
  std::string_view about;  // for people: `images`, `prompts as token ids`
};
[[nodiscard]] std::span<const UnreadableKind> unreadable_kinds();
// `all` is every kind; nullopt for what is none.
[[nodiscard]] std::optional<UnreadableSet> find_unreadable(std::string_view name);
// The names, one behind the other: `images, files`; "" for none.
[[nodiscard]] std::string join_names(UnreadableSet kinds);

// What stands under a key, by the key's name, in whatever API: `image_url`, `input_audio`, `inline_data`.
struct MediumKey {
  enum class Sort : uint8_t {
    none,
    medium,     // there is a medium whatever the value is
    reference,  // the value is the name or address of something that is not in the request
    place,      // a medium may be inside, as data, as a URL or by its id; so may a text
    vector,     // a list of numbers there is a prompt
    opaque,     // a provider's own seal, which only it can read: sent back to it as it came
  };
  Sort sort = Sort::none;
  UnreadableSet kind = 0;
};
[[nodiscard]] MediumKey medium_key(std::string_view key);
// Of the value of a key `type`: `image`, `input_file`; 0 for what is no medium.
[[nodiscard]] UnreadableSet kind_of_part(std::string_view type);
// Of `image/png`, `application/pdf`; 0 for texts and what nobody knows.
[[nodiscard]] UnreadableSet kind_of_media_type(std::string_view type);
// Of a file, by its first bytes; 0 when they are none that are known.
[[nodiscard]] UnreadableSet kind_of_bytes(std::string_view first);
// An address that somebody else would fetch from: `https://…`, `gs://…`.
[[nodiscard]] bool is_remote_address(std::string_view text);

}  // namespace weir
