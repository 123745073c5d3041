// The three operators of activations: with fixed, learned and random numbers. Random ones have
// their mean in inference.

#include "rectify/graph/activate.h"

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"
#include "rectify/verify/rule.h"

namespace rectify::verify::ops {

namespace {

std::size_t lower(Lowering& lowering, const graph::Node& node) {
  const activation::Row& row = graph::activation_row(node);
  const std::size_t from = lowering.layer_of(node);
  if (row.name == "identity") return from;
  if (row.name == "relu") return lowering.add_relu(node, from);
  fail(graph::where(node), " has no bounds");
}

}  // namespace

std::span<const Rule> activate() {
  static const Rule all[] = {{.op = "activate", .lower = lower}};
  return all;
}

}  // namespace rectify::verify::ops
