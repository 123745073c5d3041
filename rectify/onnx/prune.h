#pragma once

#include "rectify/onnx/onnx.h"

namespace rectify::onnx {

/// Takes out the nodes that the result does not need, but for inputs.
void prune(Network& network);

/// A node with the same value, for a network that answers with its input.
graph::NodeId build_identity(graph::Graph& graph, graph::NodeId node);

}  // namespace rectify::onnx
