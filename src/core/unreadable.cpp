#include "core/unreadable.h"

#include <algorithm>
#include <array>

namespace weir {
namespace {

constexpr std::array kinds = {
    UnreadableKind{unreadable_images, "images", "images"},
    UnreadableKind{unreadable_audio, "audio", "audio"},
    UnreadableKind{unreadable_video, "video", "video"},
    UnreadableKind{unreadable_files, "files", "files"},
    UnreadableKind{unreadable_tokens, "tokens", "prompts as token ids"},
    UnreadableKind{unreadable_encoded, "encoded", "encoded data that is no text"},
};

constexpr UnreadableSet all_kinds = [] {
  UnreadableSet all = 0;
  for (const auto& kind : kinds) all = static_cast<UnreadableSet>(all | kind.bit);
  return all;
}();

struct NamedKey {
  std::string_view name;
  MediumKey means;
};

using Sort = MediumKey::Sort;
// OpenAI (chat, responses, assistants), vLLM, Ollama, Anthropic, Gemini, Mistral, Cohere, Bedrock.
constexpr std::array keys = {
    NamedKey{"attachments", {Sort::place, unreadable_files}},
    NamedKey{"audio", {Sort::place, unreadable_audio}},
    NamedKey{"audio_data", {Sort::place, unreadable_audio}},
    NamedKey{"audio_url", {Sort::medium, unreadable_audio}},
    NamedKey{"blob", {Sort::place, unreadable_files}},
    NamedKey{"document", {Sort::place, unreadable_files}},
    NamedKey{"document_url", {Sort::medium, unreadable_files}},
    NamedKey{"encrypted_content", {Sort::opaque, 0}},
    NamedKey{"file", {Sort::place, unreadable_files}},
    NamedKey{"fileData", {Sort::place, unreadable_files}},
    NamedKey{"fileUri", {Sort::reference, unreadable_files}},
    NamedKey{"file_data", {Sort::place, unreadable_files}},
    NamedKey{"file_id", {Sort::reference, unreadable_files}},
    NamedKey{"file_ids", {Sort::reference, unreadable_files}},
    NamedKey{"file_uri", {Sort::reference, unreadable_files}},
    NamedKey{"file_url", {Sort::medium, unreadable_files}},
    NamedKey{"image", {Sort::place, unreadable_images}},
    NamedKey{"image_data", {Sort::place, unreadable_images}},
    NamedKey{"image_embeds", {Sort::medium, unreadable_images}},
    NamedKey{"image_file", {Sort::medium, unreadable_images}},
    NamedKey{"image_url", {Sort::medium, unreadable_images}},
    NamedKey{"images", {Sort::place, unreadable_images}},
    NamedKey{"inlineData", {Sort::place, unreadable_files}},
    NamedKey{"inline_data", {Sort::place, unreadable_files}},
    NamedKey{"input_audio", {Sort::medium, unreadable_audio}},
    NamedKey{"input_embeds", {Sort::vector, unreadable_tokens}},
    NamedKey{"input_file", {Sort::medium, unreadable_files}},
    NamedKey{"input_ids", {Sort::vector, unreadable_tokens}},
    NamedKey{"input_image", {Sort::medium, unreadable_images}},
    NamedKey{"input_video", {Sort::medium, unreadable_video}},
    NamedKey{"prompt_embeds", {Sort::medium, unreadable_tokens}},
    NamedKey{"prompt_token_ids", {Sort::vector, unreadable_tokens}},
    NamedKey{"signature", {Sort::opaque, 0}},
    NamedKey{"source", {Sort::place, unreadable_files}},
    NamedKey{"thoughtSignature", {Sort::opaque, 0}},
    NamedKey{"thought_signature", {Sort::opaque, 0}},
    NamedKey{"token_ids", {Sort::vector, unreadable_tokens}},
    NamedKey{"tokens", {Sort::vector, unreadable_tokens}},
    NamedKey{"video", {Sort::place, unreadable_video}},
    NamedKey{"video_data", {Sort::place, unreadable_video}},
    NamedKey{"video_url", {Sort::medium, unreadable_video}},
};

// Open addressing, filled at compile time: nearly every key of a body is none of these, and must cost nothing.
constexpr std::size_t slots = 512;
constexpr std::size_t slot_of(std::string_view name) {
  if (name.empty()) return 0;
  return (name.size() * 29 + static_cast<unsigned char>(name.front()) * 5 +
          static_cast<unsigned char>(name.back()) * 3) %
         slots;
}
constexpr std::array<NamedKey, slots> key_table = [] {
  std::array<NamedKey, slots> table{};
  for (const auto& key : keys) {
    auto slot = slot_of(key.name);
    while (!table[slot].name.empty()) slot = (slot + 1) % slots;
    table[slot] = key;
  }
  return table;
}();

struct NamedKind {
  std::string_view name;
  UnreadableSet kind;
};

constexpr std::array parts = {
    NamedKind{"image", unreadable_images},       NamedKind{"image_url", unreadable_images},
    NamedKind{"input_image", unreadable_images}, NamedKind{"image_file", unreadable_images},
    NamedKind{"audio", unreadable_audio},        NamedKind{"audio_url", unreadable_audio},
    NamedKind{"input_audio", unreadable_audio},  NamedKind{"video", unreadable_video},
    NamedKind{"video_url", unreadable_video},    NamedKind{"input_video", unreadable_video},
    NamedKind{"file", unreadable_files},         NamedKind{"input_file", unreadable_files},
    NamedKind{"document", unreadable_files},     NamedKind{"document_url", unreadable_files},
};

using namespace std::string_view_literals;
// What a file of that kind begins with.
constexpr std::array magics = {
    NamedKind{"\x89PNG\r\n\x1a\n"sv, unreadable_images},
    NamedKind{"\xff\xd8\xff"sv, unreadable_images},
    NamedKind{"GIF87a"sv, unreadable_images},
    NamedKind{"GIF89a"sv, unreadable_images},
    NamedKind{"II*\0"sv, unreadable_images},
    NamedKind{"MM\0*"sv, unreadable_images},
    NamedKind{"\0\0\1\0"sv, unreadable_images},
    NamedKind{"ID3"sv, unreadable_audio},
    NamedKind{"OggS"sv, unreadable_audio},
    NamedKind{"fLaC"sv, unreadable_audio},
    NamedKind{"#!AMR"sv, unreadable_audio},
    NamedKind{"\x1a\x45\xdf\xa3"sv, unreadable_video},
    NamedKind{"%PDF-"sv, unreadable_files},
    NamedKind{"PK\3\4"sv, unreadable_files},
    NamedKind{"PK\5\6"sv, unreadable_files},
    NamedKind{"\xd0\xcf\x11\xe0"sv, unreadable_files},
    NamedKind{"7z\xbc\xaf\x27\x1c"sv, unreadable_files},
    NamedKind{"Rar!\x1a"sv, unreadable_files},
    NamedKind{"\x1f\x8b\x08"sv, unreadable_encoded},
    NamedKind{"BZh"sv, unreadable_encoded},
    NamedKind{"\xfd"
              "7zXZ"sv,
              unreadable_encoded},
    NamedKind{"\x28\xb5\x2f\xfd"sv, unreadable_encoded},
};

// MPEG audio has no name in front, only a bit pattern: eleven ones, then a version, a layer and a rate that exist.
bool is_mpeg_audio(std::string_view first) {
  if (first.size() < 3) return false;
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(first[at]); };
  if (byte(0) != 0xFF || (byte(1) & 0xE0U) != 0xE0) return false;
  const bool aac = (byte(1) & 0xF6U) == 0xF0;
  const bool layer = (byte(1) & 0x06U) != 0 && (byte(1) & 0x18U) != 0x08;
  return aac || (layer && (byte(2) & 0xF0U) != 0xF0 && (byte(2) & 0x0CU) != 0x0C);
}

UnreadableSet kind_of_container(std::string_view first) {
  if (first.starts_with("RIFF") && first.size() >= 12) {
    const auto form = first.substr(8, 4);
    if (form == "WAVE") return unreadable_audio;
    return form == "WEBP" ? unreadable_images : unreadable_video;
  }
  if (first.size() >= 12 && first.substr(4, 4) == "ftyp") {
    const auto brand = first.substr(8, 4);
    if (brand.starts_with("M4A") || brand.starts_with("M4B")) return unreadable_audio;
    return brand == "heic" || brand == "heix" || brand == "mif1" || brand == "avif" ? unreadable_images
                                                                                    : unreadable_video;
  }
  return 0;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool begins_with(std::string_view text, std::string_view lowered) {
  return text.size() >= lowered.size() &&
         std::equal(lowered.begin(), lowered.end(), text.begin(), [](char a, char b) { return a == lower(b); });
}

}  // namespace

std::span<const UnreadableKind> unreadable_kinds() { return kinds; }

std::optional<UnreadableSet> find_unreadable(std::string_view name) {
  if (name == "all") return all_kinds;
  const auto* const found = std::find_if(kinds.begin(), kinds.end(), [&](const auto& one) { return one.name == name; });
  return found == kinds.end() ? std::nullopt : std::optional(found->bit);
}

std::string join_names(UnreadableSet set) {
  std::string out;
  for (const auto& kind : kinds) {
    if ((set & kind.bit) == 0) continue;
    if (!out.empty()) out += ", ";
    out += kind.name;
  }
  return out;
}

MediumKey medium_key(std::string_view key) {
  for (auto slot = slot_of(key); !key_table[slot].name.empty(); slot = (slot + 1) % slots) {
    if (key_table[slot].name == key) return key_table[slot].means;
  }
  return {};
}

UnreadableSet kind_of_part(std::string_view type) {
  const auto* const found = std::find_if(parts.begin(), parts.end(), [&](const auto& one) { return one.name == type; });
  return found == parts.end() ? UnreadableSet{0} : found->kind;
}

UnreadableSet kind_of_media_type(std::string_view type) {
  // SVG is text, and read.
  if (begins_with(type, "image/svg") || begins_with(type, "text/")) return 0;
  if (begins_with(type, "image/")) return unreadable_images;
  if (begins_with(type, "audio/")) return unreadable_audio;
  if (begins_with(type, "video/")) return unreadable_video;
  for (const auto readable : {"application/json", "application/xml", "application/javascript", "application/x-yaml"}) {
    if (begins_with(type, readable)) return 0;
  }
  return begins_with(type, "application/") ? unreadable_files : UnreadableSet{0};
}

UnreadableSet kind_of_bytes(std::string_view first) {
  for (const auto& magic : magics) {
    if (first.starts_with(magic.name)) return magic.kind;
  }
  if (is_mpeg_audio(first)) return unreadable_audio;
  return kind_of_container(first);
}

bool is_remote_address(std::string_view text) {
  for (const auto scheme : {"http://", "https://", "gs://", "s3://", "file://", "ftp://"}) {
    if (begins_with(text, scheme)) return true;
  }
  return false;
}

}  // namespace weir
