// What a model has said of an answer may be private too, also where the question was not: a local model repeats what
// its tools or its own knowledge gave it. Before another model is given it to go on from, it is read as the request
// was. Loop thread only.
#pragma once

#include <string_view>

namespace weir {

class RequestContext;

// Reads `said` and takes those candidates out of the plan (Verdict::zone) that the rules keep it from. What was found
// counts for the request from then on.
void narrow_by_what_was_said(RequestContext& context, std::string_view said);

}  // namespace weir
