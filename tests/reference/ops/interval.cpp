#include "rectify/graph/activate.h"
#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

void value(Context& c, double sign) {
  const activation::Row& row = graph::activation_row(c.node);
  const activation::Parameters p = graph::activation_parameters(c.node);
  for (std::size_t i = 0; i < c.output.size(); ++i) {
    const double centre = c.in(0)[i], radius = c.in(1)[i];
    c.output[i] = (row.value(centre + radius, p) + sign * row.value(centre - radius, p)) / 2;
  }
}

void gradient(Context& c, double sign) {
  const activation::Row& row = graph::activation_row(c.node);
  const activation::Parameters p = graph::activation_parameters(c.node);
  for (std::size_t i = 0; i < c.output.size(); ++i) {
    const double centre = c.in(1)[i], radius = c.in(2)[i];
    c.output[i] =
        c.in(0)[i] * (row.slope(centre + radius, p) + sign * row.slope(centre - radius, p)) / 2;
  }
}

}  // namespace

std::span<const Loop> interval() {
  static const Loop all[] = {{"interval_centre", [](Context& c) { value(c, 1); }},
                             {"interval_radius", [](Context& c) { value(c, -1); }},
                             {"interval_mean_gradient", [](Context& c) { gradient(c, 1); }},
                             {"interval_difference_gradient", [](Context& c) { gradient(c, -1); }}};
  return all;
}

}  // namespace rectify::run::reference::ops
