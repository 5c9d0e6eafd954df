// Placement: the order of a plan's candidates as the moment has it, within what the rules keep and without changing
// who is kept: replicas by expected time and conversation (policy `balanced`), and the model of a tool loop first. Loop
// thread only.
#pragma once

namespace weir {

class RequestContext;

// `first_is_chosen`: by an experiment, which replicas may not undo.
void place_candidates(RequestContext& context, bool first_is_chosen);

}  // namespace weir
