#include "rectify/diagnose/regions/first_weights.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"

namespace rectify::diagnose {

namespace {

using graph::NodeId;

/// Whether the value is the network's input, perhaps in another shape or with noise in training.
bool is_input(const graph::Graph& graph, NodeId id) {
  constexpr std::array<std::string_view, 4> same = {"flatten", "reshape", "dropout",
                                                    "alpha_dropout"};
  while (std::ranges::find(same, graph.node(id).op->name) != same.end())
    id = graph.node(id).inputs[0];
  return id == graph.find("input");
}

/// The first layer that reads the input: -1 where none does.
NodeId first_layer(const graph::Graph& graph) {
  for (NodeId id = 0; id < graph.size(); ++id) {
    const graph::Node& node = graph.node(id);
    if ((node.op->name == "dense" || node.op->name == "conv") && is_input(graph, node.inputs[0]))
      return id;
  }
  return -1;
}

}  // namespace

FirstWeights first_weights(const model::Model& model, const Shape& image, std::size_t most) {
  const graph::Graph& graph = model.graph;
  const Shape& input = graph.node(graph.find("input")).type.shape;
  if (image.rank() != 3 || image.size() != input.size())
    fail("samples of ", image.text(), " for inputs of ", input.text(),
         " are no images, so weights cannot be shown as pictures");
  const NodeId layer = first_layer(graph);
  if (layer < 0) fail("no dense or conv layer reads the input, so there are no weights to show");
  const NodeId weight = graph.node(layer).inputs[1];
  const Shape& extents = graph.node(weight).type.shape;
  FirstWeights result{.label = graph.node(weight).label, .shape = image};
  if (graph.node(layer).op->name == "conv")
    result.shape = Shape{extents[0], extents[1], extents[2]};
  result.units = static_cast<std::size_t>(extents.back());

  const float* numbers = model.parameters.data() + model.layout.slot_of(weight).offset;
  const auto size = static_cast<std::size_t>(extents.size()) / result.units;
  std::vector<double> norms(result.units);
  for (std::size_t i = 0; i < size; ++i)
    for (std::size_t unit = 0; unit < result.units; ++unit) {
      const double w = numbers[i * result.units + unit];
      norms[unit] += w * w;
    }
  result.numbers.resize(result.units);
  std::iota(result.numbers.begin(), result.numbers.end(), std::size_t{0});
  std::ranges::stable_sort(result.numbers, std::greater{},
                           [&](std::size_t unit) { return norms[unit]; });
  result.numbers.resize(std::min(most, result.units));
  for (const std::size_t unit : result.numbers) {
    std::vector<float>& map = result.maps.emplace_back(size);
    for (std::size_t i = 0; i < size; ++i) map[i] = numbers[i * result.units + unit];
  }
  return result;
}

}  // namespace rectify::diagnose
