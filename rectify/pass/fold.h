#pragma once

#include <map>
#include <vector>

#include "rectify/graph/graph.h"

namespace rectify::pass {

/// The numbers of parameters and states, by node.
using Numbers = std::map<graph::NodeId, std::vector<float>>;

/// A graph and the numbers of its parameters and states.
struct Folded {
  graph::Graph graph;
  Numbers numbers;
};

/// Returns the same network for inference, with each batch_norm folded into the layer before it. In
/// inference a batch_norm multiplies and shifts each channel by constants; these go into the weight
/// and the bias of the layer. A layer without bias gets one. A batch_norm is folded if it reads a
/// layer (see Operator::layer) directly and no other node reads that layer. `numbers` must have all
/// parameters and states.
Folded fold_batch_norm(const graph::Graph& graph, const Numbers& numbers);

}  // namespace rectify::pass
