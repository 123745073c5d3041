#include "rectify/verify/facts.h"

#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"
#include "rectify/verify/bounds.h"

namespace rectify::verify {

namespace {

/// What holds for all inputs of a box.
class BoxFacts {
 public:
  BoxFacts(const model::Predictor& predictor, const Box& box)
      : network(network_of(predictor)),
        structure(network),
        bounder(structure),
        ranges(narrowed(bounder, structure, box)) {}

  Network network;
  Structure structure;
  Bounder bounder;
  Ranges ranges;
};

/// Whether a node is a relu, and not a pool or another activation that is made of relus.
bool is_relu(const graph::Graph& graph, const std::string& label) {
  const graph::NodeId id = graph.find(label);
  return id >= 0 && graph.node(id).op->name == "activate" &&
         graph::activation_row(graph.node(id)).name == "relu";
}

}  // namespace

std::vector<activation::Interval> output_ranges(const model::Predictor& predictor, const Box& box) {
  BoxFacts facts(predictor, box);
  const std::size_t outputs = facts.network.outputs();
  std::vector<double> coefficients(2 * outputs * outputs);
  for (std::size_t o = 0; o < outputs; ++o) {
    coefficients[2 * o * outputs + o] = 1;
    coefficients[(2 * o + 1) * outputs + o] = -1;
  }
  LowerBounds bounds;
  facts.bounder.bound(facts.ranges, coefficients, {}, bounds);
  std::vector<activation::Interval> ranges;
  for (std::size_t o = 0; o < outputs; ++o)
    ranges.push_back({bounds.lower[2 * o], -bounds.lower[2 * o + 1]});
  return ranges;
}

std::vector<DeadUnits> dead_units(const model::Predictor& predictor, const Box& box) {
  const BoxFacts facts(predictor, box);
  std::vector<DeadUnits> all;
  for (const Layer& layer : facts.network.layers) {
    if (layer.kind != Kind::relu || !is_relu(predictor.model().graph, layer.label)) continue;
    DeadUnits dead{layer.label, {}, layer.width};
    for (std::size_t i = 0; i < layer.width; ++i)
      if (facts.ranges.upper[facts.structure.first[layer.source] + i] <= 0)
        dead.numbers.push_back(i);
    all.push_back(std::move(dead));
  }
  return all;
}

}  // namespace rectify::verify
