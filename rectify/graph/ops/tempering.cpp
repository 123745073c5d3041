// Parallel tempering of a Boltzmann machine (Desjardins et al. 2010; Cho, Raiko & Ilin 2010): T
// chains a sample, the rows t = 0 ... T - 1 of its values, at the inverse temperatures
// beta = t / (T - 1). At beta, total inputs are multiplied by beta.
//
//     exchange_chains: of the visible units' inputs y, the hidden units h that they come from and
//                      the hidden biases c: rows beta y of the chains that are at each temperature
//                      now. Neighbours a and b change places with the probability
//                      min(1, w(a, h of b) w(b, h of a) / w(a, h of a) w(b, h of b)), where w(t, h)
//                      is exp(beta c h) times the sum of exp(beta y v) over the visible states.
//                      Half of all pairs of neighbours are asked, even or odd ones by chance.
//     temper:          rows beta x

#include "rectify/activation/unit.h"
#include "rectify/base/error.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

const AttributeSpec attributes[] = {
    {.name = "unit",
     .initial = std::string("binary"),
     .positional = true,
     .meaning = "type of the visible units: binary, bipolar or gaussian"},
};

const Type& checked_chains(const Graph& graph, const Node& node, std::size_t input) {
  const Type& type = graph.input(node, input).type;
  if (type.shape.rank() != 2 || type.shape[0] < 2)
    fail(where(node), " wants two chains or more a sample but '", graph.input(node, input).label,
         "' gives ", type.shape.text());
  return type;
}

Type exchange(const Graph& graph, const Node& node) {
  const Type& y = checked_chains(graph, node, 0);
  const Type& h = checked_chains(graph, node, 1);
  const Shape& bias = graph.input(node, 2).type.shape;
  if (h.shape[0] != y.shape[0] || bias != Shape{h.shape[1]})
    fail(where(node), " wants as many chains and biases as its other inputs have: ", y.shape.text(),
         ", ", h.shape.text(), ", ", bias.text());
  const std::string& unit = node.attributes.word("unit");
  if (unit != "binary" && unit != "bipolar" && unit != "gaussian")
    fail(where(node), " wants binary, bipolar or gaussian visible units, not ", unit);
  return y;
}

Type temper(const Graph& graph, const Node& node) { return checked_chains(graph, node, 0); }

Cost cost_of_exchange(const Graph&, const Node& node) {
  return {.forward_flops = 8.0 * static_cast<double>(node.type.shape.size())};
}

}  // namespace

std::span<const Operator> tempering() {
  static const Operator all[] = {
      {.name = "exchange_chains",
       .summary = "beta y of chains that exchange temperatures",
       .attributes = attributes,
       .infer = exchange,
       .cost = cost_of_exchange,
       .random = true},
      {.name = "temper", .summary = "beta x, rows of beta from 0 to 1", .infer = temper}};
  return all;
}

}  // namespace rectify::graph::ops
