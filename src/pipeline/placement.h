// Placement: the order of a plan's candidates as the moment has it, within what the rules keep and without changing
// who is kept: replicas by expected time and conversation (policy `balanced`), and the model of a tool loop first. Loop
// thread only.
#pragma once

namespace weir {

class RequestContext;

void place_candidates(RequestContext& context);

}  // namespace weir
