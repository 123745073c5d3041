#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "rectify/data/dataset.h"
#include "rectify/graph/graph.h"
#include "rectify/run/parameters.h"
#include "rectify/tensor/buffer.h"
#include "rectify/train/options.h"
#include "rectify/train/safetensors.h"

namespace rectify::train {

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

/// A model as one safetensors file: tensors by label ("dense1.weight", shape in x out), the rest as
/// metadata ("model", "loss", "mean", "scale", "classes", ...).
TensorFile to_file(const Model& model);

/// Throws Error when tensors are missing, left over, or of another shape than the text form says.
Model from_file(const TensorFile& file, const std::string& name);

/// A safetensors file that Rectify wrote or, where its name ends in .onnx, an ONNX model
/// (interchange.h).
Model load_model(const std::filesystem::path& path);

/// The same network for inference alone, with one step less for each batch_norm that is folded into
/// the layer before it; its answers are the same up to rounding.
Model folded(Model model);

/// Copies parameters and, unless `states` is false, states between flat memory and tensors called
/// `prefix` + label.
void put_parameters(TensorFile& file, const std::string& prefix, const run::ParameterLayout& layout,
                    const float* parameters, bool states = true);
void take_parameters(const TensorFile& file, const std::string& name, const std::string& prefix,
                     const run::ParameterLayout& layout, float* parameters, bool states = true);

/// What the outputs of `graph` must be for `dataset` under `loss` ("auto" is resolved): checks
/// sizes, and returns the loss's name. Throws Error with both numbers and the line to change.
std::string resolve_loss(const graph::Graph& graph, const data::Dataset& dataset,
                         const std::string& loss);

/// Throws Error when an option does not go with the network or its (resolved) loss: label
/// smoothing, mixup, a label of decay_of or rate_of, init=whitening.
void check_fit(const Options& options, const Model& model, const data::Dataset& dataset,
               const std::string& loss);

/// What is legal but probably not meant, such as a rectifier at a classifier's output.
std::vector<std::string> warnings(const graph::Graph& graph, const std::string& loss);

/// Appends the target input and the loss of the graph's result; returns the loss's node. Label
/// smoothing is softmax_cross_entropy's alone.
graph::NodeId add_loss(graph::Graph& graph, const std::string& loss, bool class_targets,
                       double label_smoothing = 0);

}  // namespace rectify::train
