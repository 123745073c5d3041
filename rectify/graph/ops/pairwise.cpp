// pairwise: y = f(a, b) element by element, f one of graph/functions.h. Axes are counted from the
// last one, and those of extent 1 are repeated, as in NumPy. Forward only: it is for networks from
// elsewhere (docs/onnx.md).
//
//     modulo: the remainder with the sign of b     remainder: ... with the sign of a
//     quotient: a / b without its fraction         slope: a < 0 ? a b : a

#include "rectify/base/error.h"
#include "rectify/graph/functions.h"
#include "rectify/graph/lists.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

const AttributeSpec attributes[] = {
    {.name = "function",
     .initial = std::string(),
     .positional = true,
     .choices = functions_of_two,
     .meaning = "function, such as add"},
};

Type infer(const Graph& graph, const Node& node) {
  check_joined(node, 2, 2);
  return type_of(graph, node,
                 broadcast(node, graph.input(node, 0).type.shape, graph.input(node, 1).type.shape));
}

Cost cost(const Graph&, const Node& node) {
  return {.forward_flops = static_cast<double>(node.type.shape.size())};
}

}  // namespace

std::span<const Operator> pairwise() {
  static const Operator all[] = {{.name = "pairwise",
                                  .summary = "y = f(a, b), f a function of two numbers",
                                  .attributes = attributes,
                                  .infer = infer,
                                  .cost = cost,
                                  .joins = true}};
  return all;
}

}  // namespace rectify::graph::ops
