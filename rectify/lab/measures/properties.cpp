// The table of properties by which accounts compare activations, derived from the rows of the
// family and from clocks, not typed.

#include <cmath>
#include <limits>

#include "rectify/activation/cost.h"
#include "rectify/base/error.h"
#include "rectify/lab/measure.h"
#include "rectify/report/format.h"

namespace rectify::lab::ops {

namespace {

Measured measure(const MeasureInput& input) {
  const activation::Row& row = activation::find(input.get<std::string>("activation"));
  const activation::Properties p = activation::properties(row, row.defaults());
  const activation::Cost cost = activation::measure_cost(row, row.defaults());
  const auto end = [](bool saturates) { return saturates ? "flat" : "not flat"; };
  return {.figures = {{"low", p.low},
                      {"bounded_below", std::isfinite(p.low) ? 1 : 0},
                      {"bounded_above", std::isfinite(p.high) ? 1 : 0},
                      {"high", p.high},
                      {"saturates", (p.saturates_left ? 1 : 0) + (p.saturates_right ? 1 : 0)},
                      {"zero_centred", p.zero_centred ? 1 : 0},
                      {"largest_slope", p.largest_slope},
                      {"exact_zeros", p.exact_zeros ? 1 : 0},
                      {"forward_cycles", cost.forward_cycles},
                      {"backward_cycles", cost.backward_cycles}},
          .lines = {concat(row.name, ":  ", row.formula, ",  from ",
                           report::significant_text(p.low, 4), " to ",
                           std::isfinite(p.high) ? report::significant_text(p.high, 4) : "infinity",
                           ",  left ", end(p.saturates_left), ", right ", end(p.saturates_right),
                           ",  slope at most ", report::significant_text(p.largest_slope, 4))}};
}

}  // namespace

std::span<const Measure> properties() {
  static const Measure all[] = {
      {.name = "properties",
       .summary = "range, saturation, slope, zeros and cost of an activation, from its row",
       .options = {{"activation", "relu", "its name"}},
       .measure = measure}};
  return all;
}

}  // namespace rectify::lab::ops
