#include "rectify/verify/rule.h"

namespace rectify::verify::ops {

namespace {

// The inputs stand beside each other on the last axis.
std::size_t lower(Lowering& lowering, const graph::Node& node) {
  const std::size_t width = Lowering::width(node);
  const auto last = static_cast<std::size_t>(node.type.shape.back());
  Layer layer;
  layer.kind = Kind::affine, layer.label = node.label, layer.width = width;
  layer.bias.resize(width);
  std::size_t first = 0;
  for (std::size_t k = 0; k < node.inputs.size(); ++k) {
    const auto part = static_cast<std::size_t>(lowering.shape(node, k).back());
    const auto own = static_cast<std::size_t>(lowering.shape(node, k).size());
    std::vector<Entry> entries;
    for (std::size_t i = 0; i < own; ++i)
      entries.push_back({static_cast<std::uint32_t>(i),
                         static_cast<std::uint32_t>(i / part * last + first + i % part), 1});
    layer.terms.push_back(
        {lowering.layer_of(node, k), Matrix::of_entries(own, width, std::move(entries))});
    first += part;
  }
  return lowering.add(std::move(layer));
}

}  // namespace

std::span<const Rule> concat() {
  static const Rule all[] = {{.op = "concat", .lower = lower}};
  return all;
}

}  // namespace rectify::verify::ops
