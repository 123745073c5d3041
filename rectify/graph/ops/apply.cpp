// apply: y = f(x) for each element, f one of graph/functions.h; `a` and `b` are its numbers. An
// activation of the family is `activate` instead. Forward only: it is for networks from elsewhere
// (docs/onnx.md).
//
//     clip: min(max(x, a), b)       hard_sigmoid: min(max(a x + b, 0), 1)
//     leaky: x < 0 ? a x : x        elu: x < 0 ? a (exp(x) - 1) : x
//     selu: b (x < 0 ? a (exp(x) - 1) : x)
//     shrink: x < -a ? x + b : x > a ? x - b : 0

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
     .choices = functions_of_one,
     .meaning = "function, such as exp"},
    {.name = "a", .initial = 0.0, .low = -1e39, .high = 1e39, .meaning = "its first number"},
    {.name = "b", .initial = 0.0, .low = -1e39, .high = 1e39, .meaning = "its second number"},
};

Type infer(const Graph& graph, const Node& node) { return graph.input(node, 0).type; }

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  return graph.add("apply", {input}, given, std::move(label));
}

Cost cost(const Graph&, const Node& node) {
  return {.forward_flops = static_cast<double>(node.type.shape.size())};
}

}  // namespace

std::span<const Operator> apply() {
  static const Operator all[] = {{.name = "apply",
                                  .summary = "y = f(x), f a function of one number",
                                  .attributes = attributes,
                                  .infer = infer,
                                  .cost = cost,
                                  .build = build}};
  return all;
}

}  // namespace rectify::graph::ops
