// Any bytes as the file of an estimator: never a crash, an error that says what is wrong, or an estimator whose answers
// are within their bounds. The checksum is made right first, so that what is behind it is reached. And any bytes as
// labelled rows.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/crc32.h"
#include "routing/estimator.h"
#include "routing/labelled_row.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t length) {
  const std::string body(reinterpret_cast<const char*>(data), length);
  std::string file = "weirestm";
  const auto number = [&](uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) file += static_cast<char>(value >> (8 * i) & 0xff);
  };
  number(1, 4);
  number(body.size(), 8);
  number(weir::crc32(body), 4);
  for (const auto& bytes : {file + body, body}) {
    const auto read = weir::routing::read_estimator(bytes);
    if (!read) {
      if (read.error().message.empty()) std::abort();
      continue;
    }
    const auto estimate = read->estimate("Solve 3x + 4 = 10, step by step.");
    if (!(estimate.difficulty >= 0 && estimate.difficulty <= 1) || estimate.task.empty()) std::abort();
    if (!weir::routing::read_estimator(weir::routing::write_estimator(*read))) std::abort();
  }
  std::vector<weir::routing::LabelledRow> rows;
  if (const auto good = weir::routing::read_labelled_rows(body, "f", rows); !good) {
    if (good.error().message.empty()) std::abort();
  }
  for (const auto& row : rows) {
    if (row.prompt.empty() || row.weak < 0 || row.weak > 1 || row.strong < 0 || row.strong > 1) std::abort();
  }
  return 0;
}
