#pragma once

#include <cstddef>
#include <cstdint>
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
  data::TableForm table;                 ///< how rows of a table become samples; empty likewise
  Shape picture;  ///< height x width x channels of samples that enter as a row; empty for others
  std::string loss;
  /// Whether loss and classes are a guess, for an ONNX file that does not say what it is for.
  bool guessed = false;

  /// The network of a text form (docs/contracts.md), all parameters 0. Throws Error.
  explicit Model(const std::string& text);
  /// The same of a graph. Throws Error for one without a result, or without an input "input".
  explicit Model(graph::Graph graph);
};

/// Throws Error unless the graph has a result, and an input "input": where the answer is, and where
/// samples enter. A model that was moved from has neither.
void check_ends_of(const graph::Graph& graph);

/// How many outputs stand side by side in a model's answer: its last axis. A classifier has one for
/// each class, in each row of its answer (graph::rows_of).
std::int64_t outputs_in_row(const Model& model);

/// Whether so many classes fit the outputs: one for each, or two for a single output.
bool fits_classes(const Model& model, std::size_t classes);

/// Throws Error if the model has classes that do not fit its outputs; `name` is its file.
void check_classes(const Model& model, const std::string& name);

/// The shape of one sample: that of the input, or of the pictures that enter it as a row.
const Shape& sample_shape(const Model& model);

/// Sets Model::picture from its text. Throws Error, which names the file, for one that is no
/// picture of as many numbers as the model takes.
void set_picture(Model& model, const std::string& shape, const std::string& name);

/// Gives `to` all of `from` but its network and parameters.
void copy_purpose(const Model& from, Model& to);

/// What of the model matters to data that are opened for it. It refers to the model.
data::Known known_of(const Model& model);

/// The same network for inference alone: each batch_norm that follows a layer is folded into it
/// where that is possible. The answers are the same up to rounding.
Model folded(Model model);

}  // namespace rectify::model
