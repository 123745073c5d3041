// gru: gated recurrent units (Cho et al. 2014). The inputs are x of T x N x I, the weights w and r
// and the biases b of the gates z, r, h, and the first h. The value is h of each place, T x D x N x
// H. With reset=after the gate r acts on h R instead of on h. Forward only: it is for networks from
// elsewhere (docs/onnx.md).
//
//     z = s(x Wz + h Rz + bz)   r: the same   h' = tanh(x Wh + (r h) Rh + bh)   h = (1 - z) h' + z
//     h

#include "rectify/base/error.h"
#include "rectify/graph/lists.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/sequence.h"

namespace rectify::graph::ops {

namespace {

constexpr std::string_view resets[] = {"before", "after"};
constexpr std::string_view directions[] = {"forward", "reverse", "both"};
const AttributeSpec attributes[] = {
    {.name = "direction",
     .initial = std::string("forward"),
     .choices = directions,
     .meaning = "from which end the places are read"},
    {.name = "reset",
     .initial = std::string("before"),
     .choices = resets,
     .meaning = "whether r acts before or after the weights"},
};

Type infer(const Graph& graph, const Node& node) {
  const SequenceSizes s = sequence_sizes(graph, node, 3, 1);
  if ((node.attributes.word("direction") == "both") != (s.directions == 2))
    fail(where(node), " has weights for ", s.directions, " directions");
  return type_of(graph, node, Shape{s.places, s.directions, s.sequences, s.units});
}

Cost cost(const Graph& graph, const Node& node) {
  const SequenceSizes s = sequence_sizes(graph, node, 3, 1);
  return {.forward_flops = 6.0 * static_cast<double>(s.places * s.sequences * s.directions) *
                           static_cast<double>(s.units * (s.inputs + s.units))};
}

}  // namespace

std::span<const Operator> gru() {
  static const Operator all[] = {{.name = "gru",
                                  .summary = "gated recurrent units along a sequence",
                                  .attributes = attributes,
                                  .infer = infer,
                                  .cost = cost,
                                  .joins = true}};
  return all;
}

}  // namespace rectify::graph::ops
