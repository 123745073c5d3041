// block_mean, block_sample: hidden units of a convolutional Boltzmann machine with probabilistic
// max pooling (Lee, Grosse, Ranganath & Ng 2009, section 3.3). The images x of total inputs are cut
// into blocks of size x size places, channel by channel. At most one unit of a block is 1: unit j
// with the probability exp(x_j) / (1 + the sum of exp(x) over the block), none with 1 over that
// sum.

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/window.h"

namespace rectify::graph::ops {

namespace {

const AttributeSpec attributes[] = {
    {.name = "size",
     .initial = std::int64_t{2},
     .positional = true,
     .low = 1,
     .high = 1024,
     .meaning = "places of a block along each axis"},
};

Type infer(const Graph& graph, const Node& node) {
  const Shape& image = image_of(graph, node);
  const std::int64_t size = node.attributes.integer("size");
  if (size < 1 || image[0] % size != 0 || image[1] % size != 0)
    fail(where(node), " cuts images into blocks of ", size, "x", size, " but '",
         graph.input(node, 0).label, "' gives ", image.text());
  return graph.input(node, 0).type;
}

Cost cost(const Graph&, const Node& node) {
  return {.forward_flops = 3.0 * static_cast<double>(node.type.shape.size())};
}

}  // namespace

std::span<const Operator> blocks() {
  static const Operator all[] = {{.name = "block_mean",
                                  .summary = "exp(x) / (1 + sum of exp(x) over its block)",
                                  .attributes = attributes,
                                  .infer = infer,
                                  .cost = cost},
                                 {.name = "block_sample",
                                  .summary = "1 for one unit of a block or none, by these chances",
                                  .attributes = attributes,
                                  .infer = infer,
                                  .cost = cost,
                                  .random = true}};
  return all;
}

}  // namespace rectify::graph::ops
