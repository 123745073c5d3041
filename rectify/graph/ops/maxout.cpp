// maxout: the last axis is cut into k equal pieces of n elements, one after the other; y[j] = max
// over i of x[i n + j]. Goodfellow et al. 2013: a unit is the largest of k linear units. The
// gradient goes to the first of the largest.

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

const AttributeSpec attributes[] = {
    {.name = "pieces",
     .initial = std::int64_t{0},
     .positional = true,
     .low = 1,
     .high = 1 << 24,
     .meaning = "numbers a unit chooses from"},
};

Type infer(const Graph& graph, const Node& node) {
  const std::int64_t k = node.attributes.integer("pieces"), last = last_extent(graph, node, 0);
  check_range(attributes[0], k, where(node));
  if (last % k != 0) {
    const std::int64_t up = (last / k + 1) * k;
    fail(where(node), " cuts the last axis into ", k, " pieces but '", graph.input(node, 0).label,
         "' gives ", last, "; make it ", last > k ? concat(up - k, " or ", up) : concat(up));
  }
  return with_last_extent(graph.input(node, 0).type, last / k);
}

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  return graph.add("maxout", {input}, given, std::move(label));
}

Type gradient_type(const Graph& graph, const Node& node) { return graph.input(node, 1).type; }

void differentiate(const GradientContext& context) {
  const Node node = context.graph.node(context.node);
  context.accumulate(0, context.graph.add("maxout_gradient", {context.upstream, node.inputs[0]},
                                          node.attributes, "d_" + node.label));
}

Cost cost(const Graph& graph, const Node& node) {
  const double elements = static_cast<double>(graph.input(node, 0).type.shape.size());
  return {.forward_flops = elements, .gradient_flops = elements};
}

}  // namespace

std::span<const Operator> maxout() {
  static const Operator all[] = {
      {.name = "maxout",
       .summary = "y = max over the pieces of the last axis",
       .attributes = attributes,
       .infer = infer,
       .differentiate = differentiate,
       .cost = cost,
       .build = build},
      {.name = "maxout_gradient",
       .summary = "dy where the first of the largest is, 0 elsewhere",
       .attributes = attributes,
       .infer = gradient_type},
  };
  return all;
}

}  // namespace rectify::graph::ops
