#include "cli/label_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

#include "net/inflate.h"

namespace weir {
namespace {

constexpr std::size_t most_bytes = std::size_t{4} * 1024 * 1024 * 1024;  // unpacked, of one file
constexpr std::size_t bar_width = 30;

Result<std::string> read_whole(const std::string& file) {
  struct stat status {};
  if (file != "-" && stat(file.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
    return failure(ErrorCode::invalid_request, fmt::format("{} is a folder; name its files", file));
  }
  std::ifstream opened;
  if (file != "-") opened.open(file, std::ios::binary);
  std::istream& in = file == "-" ? std::cin : opened;
  std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (in.bad() || (file != "-" && !opened.is_open())) {
    return failure(ErrorCode::invalid_request, fmt::format("cannot read {}", file));
  }
  if (!bytes.starts_with("\x1f\x8b")) return bytes;
  std::string out;
  net::Inflate inflate{std::string_view(bytes)};
  for (;;) {
    const Result<bool> done = inflate.advance(std::size_t{1} << 20, out, most_bytes);
    if (!done) return failure(ErrorCode::invalid_request, fmt::format("{}: {}", file, done.error().message));
    if (*done) return out;
  }
}

}  // namespace

Result<std::vector<routing::LabelledRow>> read_label_files(const std::vector<std::string>& files) {
  std::vector<routing::LabelledRow> rows;
  for (const auto& file : files) {
    const Result<std::string> text = read_whole(file);
    if (!text) return failure(text.error());
    if (const Status read = routing::read_labelled_rows(*text, file, rows); !read) return failure(read.error());
  }
  return rows;
}

TrainingBar::TrainingBar(std::string_view what) : what_(what), terminal_(isatty(STDERR_FILENO) == 1) {}

TrainingBar::~TrainingBar() {
  if (terminal_ && shown_ >= 0) static_cast<void>(std::fputs("\r\x1b[K", stderr));
}

void TrainingBar::show(double share) {
  const int percent = static_cast<int>(std::clamp(share, 0.0, 1.0) * 100);
  if (!terminal_ || percent == shown_) return;
  shown_ = percent;
  const auto full = static_cast<std::size_t>(percent) * bar_width / 100;
  const std::string line = fmt::format("\r\x1b[K{} [{}{}] {:>3} %", what_, std::string(full, '#'),
                                       std::string(bar_width - full, ' '), percent);
  static_cast<void>(std::fputs(line.c_str(), stderr));
  static_cast<void>(std::fflush(stderr));
}

}  // namespace weir
