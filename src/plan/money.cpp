#include "plan/money.h"

namespace weir::plan {

MicroDollars scaled(MicroDollars amount, int64_t numerator, int64_t denominator) {
  __extension__ using Wide = __int128;
  const Wide product = Wide{amount} * numerator;
  return static_cast<MicroDollars>((product + denominator / 2) / denominator);
}

}  // namespace weir::plan
