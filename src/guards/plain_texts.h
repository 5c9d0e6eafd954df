// PlainTexts: what guards are to read of the texts of a request. Base64 (and hex) of text is decoded, also inside other
// texts, behind escapes and within itself; media and other data that is no text is left out and said by its kind. The
// common request has nothing of that: its texts stay as they are. Works a part at a time, as the guards do; linear.
// One thread; the texts outlive it.
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/unreadable.h"
#include "guards/encoded.h"

namespace weir::guards {

class PlainTexts {
 public:
  // Layers of escapes and encodings, one within the other, that are undone; what is hidden deeper is unreadable.
  static constexpr int most_layers = 4;
  static constexpr int most_escapes = 3;  // of these, escapes within escapes: as many as guards undo

  PlainTexts(std::span<const std::string_view> texts, std::span<const json::MediumText> media)
      : texts_(texts), media_(media) {}

  // Reads on for about `bytes`; true when all was read.
  bool advance(std::size_t bytes);
  // When all was read: the texts as they came, or with what was left out and what was decoded in its place.
  [[nodiscard]] bool changed() const { return changed_; }
  [[nodiscard]] const std::vector<std::string_view>& texts() const { return plain_; }
  // Kinds that stand as values of their own, and all kinds, those inside other texts too.
  [[nodiscard]] UnreadableSet carried() const { return carried_; }
  [[nodiscard]] UnreadableSet unreadable() const { return unreadable_; }

 private:
  // A text to be looked through.
  struct Layer {
    std::string_view text;
    UnreadableSet medium = 0;  // what the whole of it is if it is no text
    bool sealed = false;       // data in it is its provider's own
    bool unescaped = false;    // the guards undo escapes themselves: only what is encoded in it is new
    int depth = 0;
    int escapes = 0;
  };
  // A run that is being decoded.
  struct Decoding {
    Run run;
    std::size_t next = 0;
    Code code = Code::base64;
    Base64Decoder decoder;
    std::string text;
    std::size_t counted = 0;  // of its bytes: looked at
    std::size_t bad = 0;      // of these, the ones that no text has
  };

  void begin(Layer layer);
  bool look(std::size_t& budget);
  bool decode(std::size_t& budget);
  void end();
  void take_run(const Run& run);
  void take_piece(const Run& run);
  bool start_decoding(const Run& run, std::string_view letters);
  void finish_decoding();
  [[nodiscard]] UnreadableSet medium_of(const Run& run, std::string_view letters) const;
  [[nodiscard]] UnreadableSet expected(const Run& run) const;
  [[nodiscard]] bool fills_its_text(const Run& run) const;
  void leave_out(const Run& run);
  void note(UnreadableSet kind, const Run& run);
  void undo_escapes();
  void change();

  std::span<const std::string_view> texts_;
  std::span<const json::MediumText> media_;
  std::size_t next_text_ = 0;
  std::size_t next_medium_ = 0;
  std::vector<Layer> waiting_;  // what was decoded, the next one last
  std::vector<Layer> found_;    // in the current layer, in order
  std::optional<Layer> layer_;
  std::size_t at_ = 0;    // of the layer's text: looked through up to here
  std::size_t kept_ = 0;  // and taken over up to here
  std::optional<Run> run_;
  std::optional<Decoding> decoding_;
  std::deque<std::string> owned_;
  std::vector<std::string_view> plain_;
  bool changed_ = false;
  UnreadableSet carried_ = 0;
  UnreadableSet unreadable_ = 0;
};

}  // namespace weir::guards
