// ScanWindows: findings in a stream of any size, in memory that does not grow with it. The stream is read in windows
// that overlap, cut at line ends where there are some, so that what lies across a cut is found; each finding is told
// once, with its place in the stream. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "guards/guard.h"

namespace weir {

// What was found at one place: of findings that overlap the surest, with the classes and the extent of all.
struct Placed {
  std::string_view what;
  std::string_view guard;
  ClassSet classes = 0;
  Confidence confidence = Confidence::high;
  std::size_t begin = 0;  // bytes of the text it was found in
  std::size_t end = 0;
};

// Ascending, without overlaps.
[[nodiscard]] std::vector<Placed> placed(const std::vector<Finding>& findings);

class ScanWindows {
 public:
  static constexpr std::size_t window = 1024 * 1024;
  static constexpr std::size_t overlap = 72 * 1024;  // longer than any finding
  static constexpr std::size_t context = 1024;       // kept before a window, because guards look back

  explicit ScanWindows(const GuardSet& guards, std::size_t size = window, std::size_t over = overlap)
      : guards_(guards), size_(size), overlap_(over) {}

  // Calls `take(piece, places)` for each piece of the stream in order; the pieces together are the stream, and the
  // places lie within their piece.
  using Take = std::function<void(std::string_view piece, const std::vector<Placed>& places)>;
  void read(std::istream& in, const Take& take);

 private:
  bool fill(std::istream& in);
  void give(std::size_t cut, const Take& take);

  const GuardSet& guards_;
  std::size_t size_;
  std::size_t overlap_;
  std::string buffer_;  // [0, done_) was given already and is kept as context
  std::size_t done_ = 0;
};

// Counts lines and code points of a stream, piece by piece.
class Position {
 public:
  // Moves over `text`.
  void pass(std::string_view text);
  [[nodiscard]] uint64_t line() const { return line_; }
  [[nodiscard]] uint64_t column() const { return column_; }
  [[nodiscard]] uint64_t code_points() const { return code_points_; }

 private:
  uint64_t line_ = 1;
  uint64_t column_ = 1;
  uint64_t code_points_ = 0;
};

}  // namespace weir
