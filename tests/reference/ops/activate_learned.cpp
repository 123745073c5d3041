#include "rectify/graph/activate.h"
#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

void forward(Context& c) {
  const activation::Row& row = graph::activation_row(c.node);
  for (std::size_t i = 0; i < c.output.size(); ++i)
    c.output[i] = row.value_at(c.in(0)[i], c.in(1)[i % c.in(1).size()]);
}

void input_gradient(Context& c) {
  const activation::Row& row = graph::activation_row(c.node);
  for (std::size_t i = 0; i < c.output.size(); ++i)
    c.output[i] = c.in(0)[i] * row.slope_at(c.in(1)[i], c.in(2)[i % c.in(2).size()]);
}

void number_gradient(Context& c) {
  const activation::Row& row = graph::activation_row(c.node);
  const std::size_t channels = c.output.size();
  for (std::size_t i = 0; i < c.in(0).size(); ++i)
    c.output[i % channels] += c.in(0)[i] * row.parameter_slope(c.in(1)[i], c.in(2)[i % channels]);
}

}  // namespace

std::span<const Loop> activate_learned() {
  static const Loop all[] = {{"activate_learned", forward},
                             {"activate_learned_gradient", input_gradient},
                             {"activate_learned_number_gradient", number_gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
