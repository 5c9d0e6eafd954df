// SpilledForm: the large files of a form that a client sent, kept in a file without a name instead of in memory. In the
// form's text a mark stands for each; whoever sends a text that was made of the form sends the file's bytes where a
// mark stands, as often as it is asked. Written by one thread, then read by any.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace weir::net {

class SpilledForm {
 public:
  // The file is made in `folder`, and is gone with this value or the process. internal where that cannot be.
  [[nodiscard]] static Result<std::shared_ptr<SpilledForm>> make(const std::string& folder);
  SpilledForm(const SpilledForm&) = delete;
  SpilledForm& operator=(const SpilledForm&) = delete;
  ~SpilledForm();

  // Bytes of the part that is being written. internal where the disk takes no more, or has too little
  // left for what else is written there.
  [[nodiscard]] Status append(std::string_view bytes);
  // It is whole: the mark that stands for it. No UTF-8 and no byte of another's making, so that nobody takes it for
  // text.
  [[nodiscard]] std::string end_part();

  // A text with marks in it, taken apart.
  struct Piece {
    std::string_view text;  // into the text; "" for a part
    uint64_t begin = 0;     // of a part, in the file
    uint64_t size = 0;
  };
  [[nodiscard]] std::vector<Piece> pieces(std::string_view text) const;
  // Is all of the text one mark?
  [[nodiscard]] bool is_mark(std::string_view text) const;
  [[nodiscard]] std::size_t parts() const { return parts_.size(); }
  // Nothing but letters in it, in whatever alphabet: neither sound nor picture.
  [[nodiscard]] bool is_text(std::size_t part) const { return parts_[part].is_text; }
  // Of all that pieces() says.
  [[nodiscard]] uint64_t full_size(std::string_view text) const;
  // As many bytes of the file as there are from `at` on, at most all of `into`; 0 = it cannot be read.
  [[nodiscard]] std::size_t read(uint64_t at, std::span<char> into) const;

  // The first part, to look into without reading all of it; empty where there is none.
  class View {
   public:
    View() = default;
    View(void* memory, std::size_t mapped, std::string_view bytes) : memory_(memory), mapped_(mapped), bytes_(bytes) {}
    View(const View&) = delete;
    View& operator=(const View&) = delete;
    ~View();
    [[nodiscard]] std::string_view bytes() const { return bytes_; }

   private:
    void* memory_ = nullptr;
    std::size_t mapped_ = 0;
    std::string_view bytes_;
  };
  [[nodiscard]] View first_part() const;

 private:
  explicit SpilledForm(int fd, std::string mark) : fd_(fd), mark_(std::move(mark)) {}

  struct Part {
    uint64_t begin = 0;
    uint64_t size = 0;
    bool is_text = false;
  };

  const int fd_;
  const std::string mark_;  // what all marks of this form begin with
  std::vector<Part> parts_;
  uint64_t part_begin_ = 0;
  uint64_t size_ = 0;
  bool is_text_ = true;  // of the part that is being written
};

}  // namespace weir::net
