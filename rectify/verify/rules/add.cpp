#include "rectify/verify/rule.h"

namespace rectify::verify::ops {

namespace {

std::size_t lower(Lowering& lowering, const graph::Node& node) {
  const std::size_t width = Lowering::width(node);
  Layer layer;
  layer.kind = Kind::affine, layer.label = node.label, layer.width = width;
  layer.bias.resize(width);
  for (std::size_t k = 0; k < node.inputs.size(); ++k) {
    const std::size_t from = lowering.layer_of(node, k);
    layer.terms.push_back({from, Matrix::of_diagonal(std::vector<double>(width, 1.0))});
  }
  const auto terms = static_cast<double>(node.inputs.size());
  layer.rounding = float_rounding(terms), layer.least = float_underflow(terms);
  return lowering.add(std::move(layer));
}

}  // namespace

std::span<const Rule> add() {
  static const Rule all[] = {{.op = "add", .lower = lower}};
  return all;
}

}  // namespace rectify::verify::ops
