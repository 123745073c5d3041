#pragma once

#include <string>
#include <vector>

#include "rectify/data/dataset.h"
#include "rectify/graph/graph.h"
#include "rectify/run/parameters.h"
#include "rectify/tensor/buffer.h"

namespace rectify::model {

/// A network with its parameters, and what is needed to use it on data: how its inputs are
/// normalised, the names of its classes, the loss that it was trained with.
struct Model {
  graph::Graph graph;
  run::ParameterLayout layout;
  Buffer parameters;  ///< parameters and states, in `layout`
  data::Normalisation normalisation;
  std::vector<std::string> class_names;  ///< empty for regression
  std::vector<std::string> columns;      ///< names of a table's features; empty for other data
  std::string loss;

  /// The network of a text form (docs/contracts.md), all parameters 0. Throws Error.
  explicit Model(const std::string& text);
  explicit Model(graph::Graph graph);
};

/// The same network for inference alone: each batch_norm that follows a layer is folded into it
/// where that is possible. The answers are the same up to rounding.
Model folded(Model model);

}  // namespace rectify::model
