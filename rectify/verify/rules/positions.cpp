#include "rectify/graph/positions.h"

#include "rectify/verify/rule.h"

namespace rectify::verify::ops {

namespace {

std::size_t lower(Lowering& lowering, const graph::Node& node) {
  const std::span<const float> learned = lowering.numbers(node, 1);
  const std::int64_t channels = node.type.shape.back();
  std::vector<double> bias(Lowering::width(node));
  for (std::size_t i = 0; i < bias.size(); ++i) {
    const auto place = static_cast<std::int64_t>(i);
    bias[i] = learned.empty() ? graph::sinusoid(place / channels, place % channels, channels)
                              : learned[i];
  }
  Matrix same = Matrix::of_diagonal(std::vector<double>(bias.size(), 1.0));
  return lowering.add_affine(node, lowering.layer_of(node), std::move(same), std::move(bias), 1);
}

}  // namespace

std::span<const Rule> positions() {
  static const Rule all[] = {{.op = "positions", .lower = lower}};
  return all;
}

}  // namespace rectify::verify::ops
