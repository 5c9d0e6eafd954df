// FormSpool: takes a form with a file in it (multipart/form-data) as it arrives, and puts the first that is large where
// it takes no memory (net/spilled_form.h). What the fields say stays in the text, with a mark in the file's place.
// Whether it is a form at all is for others to judge: of what is none, all is text. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "net/spilled_form.h"

namespace weir {

class FormSpool {
 public:
  struct Limits {
    std::size_t file_in_memory = 0;  // a file that is larger is put aside, and one for which there is no room in `text`
    std::size_t text = 0;            // all that is not put aside
    uint64_t all = 0;
  };
  // `boundary`: not empty. `folder`: where the files go.
  FormSpool(std::string_view boundary, std::string folder, const Limits& limits);

  // body_too_large; invalid_request where it is not clear what is in the file; internal where the disk refuses.
  [[nodiscard]] Status take(std::string_view bytes);
  // No more comes.
  [[nodiscard]] Status finish();

  [[nodiscard]] uint64_t taken() const { return taken_; }
  [[nodiscard]] std::string text() { return std::move(text_); }
  // Null: nothing had to be put aside.
  [[nodiscard]] std::shared_ptr<net::SpilledForm> files() { return std::move(files_); }

 private:
  enum class At : uint8_t { start, head, text, file, spilled };

  [[nodiscard]] Status scan();
  bool find_start();
  void begin_part(std::size_t head);
  bool read_head();
  void begin_value(At kind, std::size_t at);
  [[nodiscard]] bool is_too_large(std::size_t end) const;
  [[nodiscard]] Status put_aside();
  [[nodiscard]] Status take_spilled(std::string_view bytes);

  const std::string boundary_;
  const std::string delimiter_;  // of parts, with the line's end before it
  const std::string folder_;
  const Limits limits_;
  std::string text_;
  std::string rest_;  // of a file that is being put aside: bytes that may be the beginning of the delimiter
  std::shared_ptr<net::SpilledForm> files_;
  std::size_t begin_ = 0;    // of the head, or of the value
  std::size_t scanned_ = 0;  // up to there nothing was found
  uint64_t taken_ = 0;
  At at_ = At::start;
};

}  // namespace weir
