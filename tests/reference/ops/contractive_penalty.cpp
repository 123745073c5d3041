// The Jacobian itself, entry by entry, and derivatives of it by the definitions of the functions.

#include <cmath>

#include "rectify/activation/activation.h"
#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

double slope(const Context& c, double x) {
  const activation::Row& row = activation::find(c.node.attributes.word("row"));
  return row.slope(x, row.defaults());
}

/// The derivative of the slope, from the textbook.
double bend(const Context& c, double x) {
  const std::string& row = c.node.attributes.word("row");
  const double e = std::exp(-x), p = 1 / (1 + e);
  if (row == "sigmoid") return p * (1 - p) * (1 - 2 * p);
  if (row == "tanh") return -2 * std::tanh(x) / (std::cosh(x) * std::cosh(x));
  return row == "softplus" ? p * (1 - p) : 0;
}

/// Calls visit(row, input, unit, x, w) for each entry of each sample's Jacobian.
template <class Visit>
void each_entry(const Context& c, Visit&& visit) {
  const auto units = static_cast<std::size_t>(c.shape(1)[1]);
  for (std::size_t n = 0; n < c.in(0).size() / units; ++n)
    for (std::size_t i = 0; i < c.in(1).size() / units; ++i)
      for (std::size_t j = 0; j < units; ++j)
        visit(n * units + j, i * units + j, c.in(0)[n * units + j], c.in(1)[i * units + j]);
}

double factor(const Context& c) {
  return c.node.attributes.number("weight") / static_cast<double>(c.rows());
}

void value(Context& c) {
  each_entry(c, [&](std::size_t, std::size_t, double x, double w) {
    const double entry = slope(c, x) * w;
    c.output[0] += factor(c) * entry * entry;
  });
}

void of_units(Context& c) {
  each_entry(c, [&](std::size_t unit, std::size_t, double x, double w) {
    c.output[unit] += factor(c) * 2 * w * w * slope(c, x) * bend(c, x);
  });
}

void of_weight(Context& c) {
  each_entry(c, [&](std::size_t, std::size_t entry, double x, double w) {
    c.output[entry] += factor(c) * 2 * w * slope(c, x) * slope(c, x);
  });
}

}  // namespace

std::span<const Loop> contractive_penalty() {
  static const Loop all[] = {{"contractive_penalty", value},
                             {"contractive_penalty_gradient", of_units},
                             {"contractive_penalty_weight_gradient", of_weight}};
  return all;
}

}  // namespace rectify::run::reference::ops
