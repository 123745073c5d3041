#pragma once

#include "rectify/graph/graph.h"
#include "rectify/graph/text_tokens.h"

namespace rectify::graph {

/// Reads a network in line form, `%1 = dense %0 10 ; %2 = add %1 %0`, into `graph`, which already
/// has the input %0. Returns the value of the last line.
NodeId read_lines(Tokens& tokens, Graph& graph);

}  // namespace rectify::graph
