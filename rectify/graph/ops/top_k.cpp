// top_k: of each row of the last axis the K largest elements above 0 stay as they are, all others
// become exactly 0. Of equal elements the one that comes first stays; a row with fewer than K
// elements above 0 keeps those. So it is a rectifier that is never denser than K:
//
//     top_k 2:  1 -3 4 2 4  ->  0 0 4 0 4        top_k 2:  1 -3 0 -1 -2  ->  1 0 0 0 0
//
// The gradient passes where an element stays. Makhzani and Frey 2015 ("Winner-take-all
// autoencoders", and the k-sparse autoencoder of 2014) keep the K largest of a row, negative ones
// too; Ahmad and Scheinkman 2019 ("How can we be so dense?") keep the K largest of units that a
// boost makes fire more evenly. Here no boost is applied, and training and inference keep as many.
// A NaN counts as +inf and stays a NaN, so that it shows.

#include <cmath>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/selection.h"

namespace rectify::graph::ops {

namespace {

const AttributeSpec attributes[] = {
    {.name = "keep",
     .initial = 0.1,
     .positional = true,
     .low = 1e-6,
     .high = 1e9,
     .meaning = "how many elements of a row stay at most; below 1: which share of them"},
};

Type infer(const Graph& graph, const Node& node) {
  const double keep = node.attributes.number("keep");
  const std::int64_t width = last_extent(graph, node, 0);
  if (!(keep > 0)) fail(where(node), " keeps ", number_text(keep), " elements; keep 1 or more");
  if (keep >= 1 && keep != std::floor(keep))
    fail(where(node), " keeps ", number_text(keep),
         " elements, which is no whole number; a share is below 1");
  if (keep > static_cast<double>(width))
    fail(where(node), " keeps ", number_text(keep), " elements but '", graph.input(node, 0).label,
         "' has rows of ", width, "; keep fewer, or a share such as 0.1");
  return graph.input(node, 0).type;
}

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  return graph.add("top_k", {input}, given, std::move(label));
}

void differentiate(const GradientContext& context) {
  const std::string label = "d_" + context.graph.node(context.node).label;
  context.accumulate(
      0, context.graph.add("top_k_gradient", {context.upstream, context.node}, {}, label));
}

Type same_as_input(const Graph& graph, const Node& node) { return graph.input(node, 0).type; }

Cost cost(const Graph&, const Node& node) {
  const double elements = static_cast<double>(node.type.shape.size());
  return {.forward_flops = 4 * elements, .gradient_flops = elements};
}

}  // namespace

std::span<const Operator> top_k() {
  static const Operator all[] = {
      {.name = "top_k",
       .summary = "the K largest elements above 0 of each row; the others become 0",
       .attributes = attributes,
       .infer = infer,
       .differentiate = differentiate,
       .cost = cost,
       .build = build,
       .in_place = true,
       .selects = true,
       .onnx = "TopK"},
      {.name = "top_k_gradient",
       .summary = "dy where the element stayed, 0 elsewhere",
       .infer = same_as_input,
       .in_place = true},
  };
  return all;
}

}  // namespace rectify::graph::ops
