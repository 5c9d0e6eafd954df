#include "core/usage.h"

#include "core/saturating.h"

namespace weir {

Usage& Usage::operator+=(const Usage& other) {
  input = saturating_add(input, other.input);
  cached = saturating_add(cached, other.cached);
  written = saturating_add(written, other.written);
  written_long = saturating_add(written_long, other.written_long);
  output = saturating_add(output, other.output);
  reasoning = saturating_add(reasoning, other.reasoning);
  media = saturating_add(media, other.media);
  units = units < 0 || other.units < 0 ? -1 : saturating_add(units, other.units);
  estimated = estimated || other.estimated;
  implausible = implausible || other.implausible;
  known = known && other.known;
  return *this;
}

}  // namespace weir
