// RedactionWish: what has to be taken out of a request before it goes somewhere: classes, each with how sure a guard
// has to be of a finding. A value; safe from any thread.
#pragma once

#include "core/sensitivity.h"

namespace weir {

struct RedactionWish {
  ClassSet any = 0;     // whatever the guards are sure of
  ClassSet medium = 0;  // of findings of that confidence at least
  ClassSet high = 0;    // the same

  void add(ClassSet classes, Confidence least) {
    (least == Confidence::high ? high : least == Confidence::medium ? medium : any) |= classes;
  }
  [[nodiscard]] bool wants(ClassSet classes, Confidence confidence) const {
    return (classes & any) != 0 || (confidence >= Confidence::medium && (classes & medium) != 0) ||
           (confidence == Confidence::high && (classes & high) != 0);
  }
  [[nodiscard]] ClassSet classes() const { return any | medium | high; }
  bool operator==(const RedactionWish&) const = default;
};

}  // namespace weir
