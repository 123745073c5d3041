#include <cmath>

#include "rectify/verify/rule.h"

namespace rectify::verify::ops {

namespace {

/// Roundings of a batch norm's number: of the factor and of what it is applied to.
constexpr double roundings = 4;

// In inference mean and variance are the running ones: states that the node of the statistics
// reads.
std::size_t lower(Lowering& lowering, const graph::Node& node) {
  const graph::Node& statistics = lowering.graph().input(node, 1);
  const auto mean = lowering.numbers(statistics, 1), variance = lowering.numbers(statistics, 2);
  const auto scale = lowering.numbers(node, 2), shift = lowering.numbers(node, 3);
  const std::vector<double> means(mean.begin(), mean.end());
  std::vector<double> factors;
  for (std::size_t c = 0; c < mean.size(); ++c)
    factors.push_back(as_kernels_hold((scale.empty() ? 1 : double{scale[c]}) /
                                      std::sqrt(variance[c] + node.attributes.number("epsilon"))));
  // The float network's sum of sizes has the mean and the shift apart.
  const std::size_t centred =
      lowering.add_centred(node, lowering.layer_of(node), means, factors, roundings);
  std::vector<double> shifts(Lowering::width(node));
  for (std::size_t i = 0; i < shifts.size() && !shift.empty(); ++i)
    shifts[i] = shift[i % mean.size()];
  const std::vector<double> ones(shifts.size(), 1.0);
  return lowering.add_affine(node, centred, Matrix::of_diagonal(ones), std::move(shifts),
                             roundings);
}

}  // namespace

std::span<const Rule> batch_norm() {
  static const Rule all[] = {{.op = "batch_norm", .lower = lower}};
  return all;
}

}  // namespace rectify::verify::ops
