#pragma once

#include "rectify/graph/graph.h"

namespace rectify::pass {

/// Appends the nodes that compute the value of every state after a step of training, as the
/// operators that read the states say. The caller copies these values into the states after the
/// step: all of them, or none if the step is refused.
graph::NextStates advance(graph::Graph& graph);

}  // namespace rectify::pass
