#pragma once

#include <map>
#include <vector>

#include "rectify/graph/graph.h"

namespace rectify::pass {

/// The numbers of parameters and states, by node.
using Numbers = std::map<graph::NodeId, std::vector<float>>;

/// A graph with its numbers.
struct Folded {
  graph::Graph graph;
  Numbers numbers;
};

/// The same network for inference, without the batch_norms that come straight from a layer (see
/// Operator::layer) which nobody else reads: in inference they multiply and shift each channel by
/// constants, which go into the layer's weight and bias. A layer without bias gets one.
/// `numbers` are those of all parameters and states.
Folded fold_batch_norm(const graph::Graph& graph, const Numbers& numbers);

}  // namespace rectify::pass
