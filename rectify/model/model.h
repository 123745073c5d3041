#pragma once

#include <string>
#include <vector>

#include "rectify/data/dataset.h"
#include "rectify/graph/graph.h"
#include "rectify/run/parameters.h"
#include "rectify/tensor/buffer.h"

namespace rectify::model {

/// A network with its numbers, and what is needed to use it on data: how inputs are normalised,
/// what the outputs are called, which loss it was trained with.
struct Model {
  graph::Graph graph;
  run::ParameterLayout layout;
  Buffer parameters;  ///< in that layout
  data::Normalisation normalisation;
  std::vector<std::string> class_names;  ///< empty for regression
  std::vector<std::string> columns;      ///< names of a table's features; empty for other data
  std::string loss;

  /// A network of that text form, all parameters 0.
  explicit Model(const std::string& text);
  explicit Model(graph::Graph graph);
};

/// The same network for inference alone, with one step less for each batch_norm that is folded into
/// the layer before it; its answers are the same up to rounding.
Model folded(Model model);

}  // namespace rectify::model
