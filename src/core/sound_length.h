// How long a sound file plays, told by its head and structure: what transcripts are paid by. Nothing is decoded.
// Formats: WAV (RIFF), FLAC, Ogg (Vorbis, Opus, Speex), MP3 (with a Xing or VBRI head, else by its bit rate), MP4/M4A,
// WebM. Pure; any thread. Sources: RFC 7845, RFC 9639, ISO/IEC 14496-12, RFC 9559.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

// In milliseconds; 0 for what is none of these, or does not say. A file may lie: never more than a week.
[[nodiscard]] int64_t sound_length_ms(std::string_view file);

}  // namespace weir
