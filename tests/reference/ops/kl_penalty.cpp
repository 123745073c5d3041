#include <algorithm>
#include <cmath>

#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

double mean_of_unit(const Context& c, std::size_t unit) {
  const auto units = static_cast<std::size_t>(c.shape(0).back());
  double sum = 0;
  for (std::size_t i = unit; i < c.in(0).size(); i += units) sum += c.in(0)[i];
  return std::clamp(sum / static_cast<double>(c.rows()), 1e-6, 1 - 1e-6);
}

void value(Context& c) {
  const double rho = c.node.attributes.number("target");
  for (std::size_t j = 0; j < static_cast<std::size_t>(c.shape(0).back()); ++j) {
    const double m = mean_of_unit(c, j);
    c.output[0] += c.node.attributes.number("weight") *
                   (rho * std::log(rho / m) + (1 - rho) * std::log((1 - rho) / (1 - m)));
  }
}

void gradient(Context& c) {
  const double rho = c.node.attributes.number("target");
  const auto units = static_cast<std::size_t>(c.shape(0).back());
  for (std::size_t i = 0; i < c.output.size(); ++i) {
    const double m = mean_of_unit(c, i % units);
    c.output[i] = c.node.attributes.number("weight") / static_cast<double>(c.rows()) *
                  (-rho / m + (1 - rho) / (1 - m));
  }
}

}  // namespace

std::span<const Loop> kl_penalty() {
  static const Loop all[] = {{"kl_penalty", value}, {"kl_penalty_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
