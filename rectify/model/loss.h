#pragma once

#include <string>
#include <vector>

#include "rectify/data/dataset.h"
#include "rectify/graph/graph.h"

namespace rectify::model {

/// What the outputs of `graph` must be for `dataset` under `loss` ("auto" is resolved): checks
/// sizes, and returns the loss's name. Throws Error with both numbers and the line to change.
std::string resolve_loss(const graph::Graph& graph, const data::Dataset& dataset,
                         const std::string& loss);

/// What is legal but probably not meant, such as a rectifier at a classifier's output.
std::vector<std::string> warnings(const graph::Graph& graph, const std::string& loss);

/// Appends the target input and the loss of the graph's result; returns the loss's node. Label
/// smoothing is softmax_cross_entropy's alone.
graph::NodeId add_loss(graph::Graph& graph, const std::string& loss, bool class_targets,
                       double label_smoothing = 0);

}  // namespace rectify::model
