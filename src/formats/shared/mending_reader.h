// MendingReader: reads the events of a stream of any format by its own reader, and where strict JSON refuses one, what
// can be had of it (core/json_mend.h): half a character at the end of a piece, NaN, bytes that are no UTF-8. An event
// that held text and cannot be read is an error of the stream: no text is dropped without a word. What was read is then
// what clients are promised (promised.h). Of one stream; one thread. The format's reader outlives it.
#pragma once

#include <vector>

#include "formats/format.h"
#include "formats/shared/promised.h"

namespace weir {

class MendingReader {
 public:
  // `choices`: as many answers are expected.
  MendingReader(EventReader& reader, int64_t choices) : reader_(reader), promises_(choices) {}

  // As EventReader::read.
  [[nodiscard]] Status read(const FramedEvent& event, json::Document& scratch, std::vector<StreamEvent>& out);

 private:
  Status read_as_it_is(const FramedEvent& event, json::Document& scratch, std::vector<StreamEvent>& out);
  Status read_mended(const FramedEvent& event, Error why, json::Document& scratch, std::vector<StreamEvent>& out);

  EventReader& reader_;
  std::vector<OpenHalf> halves_;
  PromiseKeeper promises_;
};

}  // namespace weir
