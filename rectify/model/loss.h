#pragma once

#include <string>
#include <vector>

#include "rectify/data/dataset.h"
#include "rectify/graph/graph.h"

namespace rectify::model {

/// Whether a loss compares with numbers alone, never with classes.
bool is_for_numbers(const std::string& loss);

/// Checks that the outputs of `graph` fit `dataset` under `loss`, and returns the name of the loss
/// ("auto" is replaced by the one that fits). Throws Error with both sizes and the line to change.
std::string resolve_loss(const graph::Graph& graph, const data::Dataset& dataset,
                         const std::string& loss);

/// Checks the sizes alone: that a sample of `dataset` fits the input of `graph`, and its labels or
/// targets the outputs under `loss`. Throws Error with both sizes and the line to change.
void check_sizes(const graph::Graph& graph, const data::Dataset& dataset, const std::string& loss);

/// Warnings about a network that is legal but probably not meant, such as one with a rectifier at a
/// classifier's output.
std::vector<std::string> warnings(const graph::Graph& graph, const std::string& loss);

/// Appends an input for the targets and the loss of the graph's result; returns the node of the
/// loss. Only softmax_cross_entropy takes label smoothing. `weighted`: an input "target_weight"
/// too, with a factor on the loss of each target.
graph::NodeId add_loss(graph::Graph& graph, const std::string& loss, bool class_targets,
                       double label_smoothing = 0, bool weighted = false);

}  // namespace rectify::model
