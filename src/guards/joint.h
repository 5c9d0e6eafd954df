// Joint: the texts of a request as a reader sees them, one behind the other, so that guards find a value by what stands
// around it in other texts: the question before an answer, the key of a field, the other half of a number. What only
// carries a request (`role`, `content`, `type` …) is left out between them.
//
// Short texts stand in it whole and need no reading of their own; of long ones (which are read by themselves) only the
// ends do, up to `edge` bytes each. It comes a piece at a time, of bounded size; no memory is allocated. One thread;
// the texts outlive it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace weir::guards {

// Something to be read, and which findings in it count.
class Passage {
 public:
  enum class Of : uint8_t {
    text,    // one text by itself
    joint,   // texts one behind the other
    seams,   // texts without anything between them: only what lies across a seam counts
    spaced,  // the same with a space at each seam
  };
  Of of = Of::text;
  std::string_view text;
  std::size_t index = 0;  // of the text, where it is one

  [[nodiscard]] bool counts(std::string_view guard, std::size_t begin, std::size_t end) const;

 private:
  friend class Joint;
  struct Cut {
    std::size_t begin, end;
  };
  std::span<const Cut> cuts_;        // a finding that touches one does not count: its surroundings are not there
  std::span<const uint16_t> seams_;  // places, ascending
};

class Joint {
 public:
  static constexpr std::size_t edge = 256;
  static constexpr std::size_t longest_whole = 2048;

  Joint(std::span<const std::string_view> texts, json::TextKinds kinds) : texts_(texts), kinds_(kinds) {}

  // The next passage; false when there is none. What `is_clean(text)` says is clean by itself is not read by itself.
  template <typename IsClean>
  bool next(Passage& out, IsClean is_clean) {
    while (next_ < texts_.size()) {
      const std::string_view text = texts_[next_];
      const bool key = kinds_.is_key(text);
      const bool clean = text.empty() || is_clean(text);
      if (clean || (key && is_prose_key(text))) {
        if (key) pass_key(text);
        ++next_;
        if (clean || text.size() > longest_whole) continue;
      } else {
        if (!has_room(text)) {
          if (flush(out)) return true;
          continue;
        }
        ++next_;
        if (take(text, key ? What::key : kinds_.is_number(text) ? What::number : What::text) == Took::whole) continue;
      }
      out = Passage{};
      out.text = text;
      out.index = next_ - 1;
      return true;
    }
    return flush(out);
  }

  // The text that the byte at `at` of the last passage is of. Only after `locate`, which costs memory.
  [[nodiscard]] std::size_t text_at(const Passage& passage, std::size_t at) const;
  // The parts of texts that [begin, end) of the last passage is made of; what stands only between texts is no part.
  // Only after `locate`.
  struct Part {
    std::size_t text = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  [[nodiscard]] std::vector<Part> parts(const Passage& passage, std::size_t begin, std::size_t end) const;
  void locate() { locating_ = true; }

 private:
  enum class What : uint8_t { key, number, text };
  enum class Took : uint8_t { whole, ends, nothing };
  enum class Step : uint8_t { joint, seams, spaced, keep };
  struct Place {
    std::size_t begin;
    std::size_t text;
    std::ptrdiff_t shift;  // added to a place here, it is the place in the text
  };
  static constexpr std::size_t room = 8192;
  static constexpr std::size_t kept = 256;         // of a passage for the next one
  static constexpr std::size_t surroundings = 96;  // of a finding that may matter
  static constexpr std::size_t most_cuts = 32;
  static constexpr std::size_t seam_room = 4096;
  static constexpr std::size_t seam_edge = 128;
  static constexpr std::size_t most_seams = 1024;

  [[nodiscard]] static bool is_prose_key(std::string_view key);
  [[nodiscard]] bool has_room(std::string_view text) const;
  bool flush(Passage& out);
  void pass_key(std::string_view key);
  Took take(std::string_view text, What what);
  void take_text(std::string_view text);
  void put(std::string_view text);
  void put(char c) { joint_[size_++] = c; }
  void put_ends(std::string_view text);
  void shift_last(std::vector<Place>& places, std::size_t at, std::size_t in_text) const;
  [[nodiscard]] std::size_t without_spaces(const Passage& passage, std::size_t at) const;
  void cut(std::size_t begin, std::size_t end) { cuts_[cut_count_++] = {.begin = begin, .end = end}; }
  void keep_end();
  void take_seam(std::string_view text, bool seam);
  void put_seam(std::string_view text);
  [[nodiscard]] bool may_lie_across(std::string_view text) const;
  [[nodiscard]] std::string_view space_seams();
  void keep_seam_end();

  std::span<const std::string_view> texts_;
  json::TextKinds kinds_;
  std::size_t next_ = 0;

  std::array<char, room> joint_;
  std::size_t size_ = 0;
  std::size_t unread_ = 0;  // from here on nothing was read
  std::array<Passage::Cut, most_cuts> cuts_;
  std::size_t cut_count_ = 0;
  std::string_view key_;    // the last one
  bool after_key_ = false;  // and it was put in
  bool after_number_ = false;
  bool prose_ = false;         // people and models write what stands under it
  bool prose_before_ = false;  // so was the text before
  bool field_ = false;         // since then there was a key that says something

  std::array<char, seam_room> seams_;  // such texts without anything between them
  std::array<char, seam_room + most_seams> spaced_;
  std::array<uint16_t, most_seams> places_;
  std::array<uint16_t, most_seams> spaced_places_;
  std::size_t seam_size_ = 0;
  std::size_t place_count_ = 0;
  bool worth_it_ = false;  // some value may lie across a seam
  Step step_ = Step::joint;

  static void keep_places(std::vector<Place>& places, std::size_t begin);

  bool locating_ = false;
  std::vector<Place> located_;
  std::vector<Place> seams_located_;
};

}  // namespace weir::guards
