#pragma once

#include "rectify/graph/graph.h"

namespace rectify::pass {

/// Appends to `graph` the nodes that compute what every state becomes after a step of training, as
/// the operators that read it say. Whoever runs the step copies the values into the states once the
/// step is taken, all of them, and none when it is refused.
graph::NextStates advance(graph::Graph& graph);

}  // namespace rectify::pass
