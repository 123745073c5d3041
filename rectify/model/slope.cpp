#include "rectify/model/slope.h"

#include <array>

#include "rectify/graph/activate.h"

namespace rectify::model {

Slope::Slope(const run::Plan& plan, const graph::Node& node, graph::NodeId id)
    : p_(graph::activation_parameters(node)) {
  const activation::Row& row = graph::activation_row(node);
  const bool learned = node.inputs.size() > 1;
  if (learned) numbers_ = plan.value(graph::learned_number(node));
  const bool output = !learned && row.from_output(p_);
  saved_ = plan.value(output ? id : node.inputs[0]).data();
  varying_ = activation::kernels(row).backward_varying;
  plain_ = activation::backward_of_saved(row, p_);
}

void Slope::operator()(std::int64_t at, std::int64_t unit, std::int64_t count, float* slope) const {
  static constexpr auto ones = [] {
    std::array<float, most> a{};
    a.fill(1);
    return a;
  }();
  const auto n = static_cast<std::size_t>(count);
  if (numbers_.empty()) return plain_(saved_ + at, ones.data(), slope, n, p_);
  float a[most];
  for (std::size_t u = 0; u < n; ++u)
    a[u] = numbers_[(static_cast<std::size_t>(unit) + u) % numbers_.size()];
  varying_(saved_ + at, a, ones.data(), slope, n);
}

float flat_slope(const graph::Node& activation) {
  constexpr double share = 0.05;
  const auto properties = activation::properties(graph::activation_row(activation),
                                                 graph::activation_parameters(activation));
  return static_cast<float>(share * properties.largest_slope);
}

}  // namespace rectify::model
