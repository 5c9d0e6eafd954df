// The few texts of people that the ledger holds, and how they are forgotten: feedback, what is noted of attempts
// (what providers say of failures quotes prompts), and tags. Counts, money and the audit's chain stay: it seals none of
// these. Their room is not wiped yet: sqlite::scrub. Blocking; one thread.
#pragma once

#include <string>

#include "stores/forgetting.h"
#include "stores/whose.h"

namespace weir {

// `file`: the ledger's. How many rows.
Result<int64_t> forget_feedback(const std::string& file, Whose& whose, Forgetting mode);
Result<int64_t> forget_messages(const std::string& file, Whose& whose, Forgetting mode);
// Last of all: where somebody is known by a tag, the others need it.
Result<int64_t> forget_tags(const std::string& file, Whose& whose, Forgetting mode);

}  // namespace weir
