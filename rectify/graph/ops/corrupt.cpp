// corrupt: noise on the samples from which a denoising autoencoder is to reconstruct the clean ones
// (Vincent et al. 2010, section 3.3), in training only. The gradient draws the same noise again.
//
//     mask: an element becomes 0 with probability `noise`; the others stay as they are
//     gaussian: a normal number of standard deviation `noise` is added to each element
//     salt_and_pepper: an element becomes `low` or `high`, each with probability noise / 2

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

constexpr std::string_view kinds[] = {"mask", "gaussian", "salt_and_pepper"};

const AttributeSpec attributes[] = {
    {.name = "kind",
     .initial = std::string("mask"),
     .positional = true,
     .choices = kinds,
     .meaning = "kind of noise"},
    {.name = "noise",
     .initial = 0.25,
     .positional = true,
     .low = 0,
     .high = 1e3,
     .meaning = "share of the elements; of gaussian: standard deviation"},
    {.name = "low", .initial = 0.0, .low = -1e30, .high = 1e30, .meaning = "pepper"},
    {.name = "high", .initial = 1.0, .low = -1e30, .high = 1e30, .meaning = "salt"},
};

Type same_as_input(const Graph& graph, const Node& node) {
  const double noise = node.attributes.number("noise");
  if (node.attributes.word("kind") != "gaussian" && noise > 0.99)
    fail(where(node), ": noise is a share of the elements, at most 0.99, not ", noise);
  return graph.input(node, 0).type;
}

void differentiate(const GradientContext& context) {
  const Node node = context.graph.node(context.node);
  if (node.attributes.word("kind") == "gaussian") return context.accumulate(0, context.upstream);
  const NodeId gradient =
      context.graph.add("corrupt_gradient", {context.upstream}, node.attributes, "d_" + node.label);
  context.graph.share_stream(gradient, context.node);
  context.accumulate(0, gradient);
}

Cost cost(const Graph&, const Node& node) {
  const double elements = static_cast<double>(node.type.shape.size());
  return {.forward_flops = elements, .gradient_flops = elements};
}

}  // namespace

std::span<const Operator> corrupt() {
  static const Operator all[] = {{.name = "corrupt",
                                  .summary = "noise on samples, in training only",
                                  .attributes = attributes,
                                  .infer = same_as_input,
                                  .differentiate = differentiate,
                                  .cost = cost,
                                  .in_place = true,
                                  .random = true},
                                 {.name = "corrupt_gradient",
                                  .summary = "0 where the element was replaced",
                                  .attributes = attributes,
                                  .infer = same_as_input,
                                  .in_place = true}};
  return all;
}

}  // namespace rectify::graph::ops
