// unit_mean, unit_sample: the mean and a sample of each unit of a Boltzmann machine's layer, from
// its total input x; the types of units are those of activation/unit.h. In inference unit_sample
// gives samples too: a machine's layer has no other meaning. Nothing learns through them: what
// changes a machine's weights is a difference of statistics (ops/contrast.cpp).

#include "rectify/activation/unit.h"

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

const AttributeSpec attributes[] = {
    {.name = "unit",
     .initial = std::string("binary"),
     .positional = true,
     .meaning = "type of the units"},
    {.name = "copies",
     .initial = std::int64_t{1},
     .low = 1,
     .high = 1000,
     .meaning = "binary units that one unit stands for"},
};

Type infer(const Graph& graph, const Node& node) {
  activation::unit(node.attributes.word("unit"));
  return graph.input(node, 0).type;
}

Type infer_mean(const Graph& graph, const Node& node) {
  const activation::Unit& unit = activation::unit(node.attributes.word("unit"));
  if (!unit.mean) fail(where(node), ": the means of ", unit.name, " units are another operator's");
  return graph.input(node, 0).type;
}

Cost cost(const Graph&, const Node& node) {
  return {.forward_flops = static_cast<double>(node.type.shape.size())};
}

}  // namespace

std::span<const Operator> unit() {
  static const Operator all[] = {{.name = "unit_mean",
                                  .summary = "mean of a stochastic unit with the input x",
                                  .attributes = attributes,
                                  .infer = infer_mean,
                                  .cost = cost,
                                  .in_place = true},
                                 {.name = "unit_sample",
                                  .summary = "sample of a stochastic unit with the input x",
                                  .attributes = attributes,
                                  .infer = infer,
                                  .cost = cost,
                                  .random = true}};
  return all;
}

}  // namespace rectify::graph::ops
