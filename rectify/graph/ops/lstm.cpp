// lstm: long short-term memory (Hochreiter and Schmidhuber 1997, with forget gates: Gers et al.
// 2000). The inputs are x of T x N x I, the weights w and r and the biases b of the gates i, o, f,
// c, and the first h and c. The value is h of each place, T x D x N x H, and after these the last
// c. Forward only: it is for networks from elsewhere (docs/onnx.md).
//
//     i = s(x Wi + h Ri + bi)   f, o: the same   c = f c + i tanh(x Wc + h Rc + bc)   h = o tanh(c)

#include "rectify/base/error.h"
#include "rectify/graph/lists.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/sequence.h"

namespace rectify::graph::ops {

namespace {

constexpr std::string_view directions[] = {"forward", "reverse", "both"};
const AttributeSpec attributes[] = {
    {.name = "direction",
     .initial = std::string("forward"),
     .choices = directions,
     .meaning = "from which end the places are read"},
};

Type infer(const Graph& graph, const Node& node) {
  const SequenceSizes s = sequence_sizes(graph, node, 4, 2);
  if ((node.attributes.word("direction") == "both") != (s.directions == 2))
    fail(where(node), " has weights for ", s.directions, " directions");
  return type_of(graph, node, Shape{s.places + 1, s.directions, s.sequences, s.units});
}

Cost cost(const Graph& graph, const Node& node) {
  const SequenceSizes s = sequence_sizes(graph, node, 4, 2);
  return {.forward_flops = 8.0 * static_cast<double>(s.places * s.sequences * s.directions) *
                           static_cast<double>(s.units * (s.inputs + s.units))};
}

}  // namespace

std::span<const Operator> lstm() {
  static const Operator all[] = {{.name = "lstm",
                                  .summary = "long short-term memory along a sequence",
                                  .attributes = attributes,
                                  .infer = infer,
                                  .cost = cost,
                                  .joins = true}};
  return all;
}

}  // namespace rectify::graph::ops
