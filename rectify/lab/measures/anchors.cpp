// The values by which accounts explain rectifiers, as this program computes them: values and
// derivatives at points, one unit that never fires, a product of derivatives along a chain.

#include <algorithm>
#include <cmath>

#include "rectify/activation/arrays.h"
#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/lab/measure.h"
#include "rectify/model/model.h"
#include "rectify/report/format.h"
#include "rectify/run/plan.h"

namespace rectify::lab::ops {

namespace {

std::string shown(double value) { return report::significant_text(value, 4); }

void add_points(const MeasureInput& input, Measured& out) {
  const auto points = input.get<std::vector<double>>("points");
  const std::vector<float> x(points.begin(), points.end()), ones(x.size(), 1);
  std::vector<float> y(x.size()), slope(x.size());
  activation::forward("relu", x, y);
  activation::backward("relu", x, ones, slope);
  for (std::size_t i = 0; i < x.size(); ++i) {
    out.figures.emplace_back(concat("value_", i + 1), y[i]);
    out.figures.emplace_back(concat("slope_", i + 1), slope[i]);
    out.lines.push_back(concat("z = ", shown(x[i]), ":  ReLU(z) = max(0, z) = ", shown(y[i]),
                               ",  derivative ", shown(slope[i])));
  }
}

/// One unit over a grid of the square [0, 1] x [0, 1].
void add_unit(const MeasureInput& input, Measured& out) {
  const auto weights = input.get<std::vector<double>>("weights");
  const auto bias = input.get<double>("bias");
  if (weights.size() != 2) fail("anchors: weights are two numbers, not ", weights.size());
  constexpr std::int64_t side = 101;
  model::Model unit("2 : dense 1 | relu");
  const auto set = [&](const char* label, std::size_t i, double value) {
    const graph::NodeId id = unit.graph.find(label);
    unit.parameters.data()[unit.layout.slot_of(id).offset + i] = static_cast<float>(value);
  };
  set("dense1.weight", 0, weights[0]);
  set("dense1.weight", 1, weights[1]);
  set("dense1.bias", 0, bias);
  const graph::NodeId z = unit.graph.find("dense1"), y = unit.graph.result;
  run::Plan plan(unit.graph, unit.layout, unit.parameters.data(), input.threads,
                 {.batch = side * side, .keep = {z, y}});
  float* x = plan.input(unit.graph.find("input"));
  for (std::int64_t i = 0; i < side * side; ++i) {
    x[2 * i] = static_cast<float>(i / side) / (side - 1);
    x[2 * i + 1] = static_cast<float>(i % side) / (side - 1);
  }
  plan.run({});
  const auto [low, high] = std::ranges::minmax(plan.value(z));
  const auto active = std::ranges::count_if(plan.value(y), [](float v) { return v > 0; });
  const double share = 100.0 * static_cast<double>(active) / (side * side);
  out.figures.emplace_back("unit_low", low);
  out.figures.emplace_back("unit_high", high);
  out.figures.emplace_back("unit_active", share);
  out.lines.push_back(concat("w = (", shown(weights[0]), ", ", shown(weights[1]), "), b = ",
                             shown(bias), ", x in [0, 1] x [0, 1]:  z = w x + b is from ",
                             shown(low), " to ", shown(high), ",  active on ", shown(share), " %"));
}

/// What a chain of units with one weight leaves of a derivative, at best: the activation's largest
/// slope times the weight, once a step.
double chain(const char* activation, double weight, int steps) {
  const activation::Row& row = activation::find(activation);
  return std::pow(weight * activation::properties(row, row.defaults()).largest_slope, steps);
}

void add_chain(const MeasureInput& input, Measured& out) {
  const int steps = input.get<int>("steps");
  const auto weight = input.get<double>("chain_weight");
  const auto larger = input.get<double>("larger_weight");
  const double relu = chain("relu", weight, steps), sigmoid = chain("sigmoid", weight, steps);
  out.figures.emplace_back("chain_relu", relu);
  out.figures.emplace_back("chain_sigmoid", sigmoid);
  out.figures.emplace_back("chain_ratio", relu / sigmoid);
  out.figures.emplace_back("chain_larger", chain("relu", larger, steps));
  const auto line = [&](const char* name, const char* slope, double w, double value) {
    out.lines.push_back(concat(steps, " steps at w = ", shown(w), ", ", name, ":  (", shown(w),
                               " x ", slope, ")^", steps, " = ", shown(value)));
  };
  line("ReLU, active", "1", weight, relu);
  line("sigmoid at its steepest", "0.25", weight, sigmoid);
  out.lines.push_back(concat("ReLU keeps ", shown(relu / sigmoid), " times as much"));
  line("ReLU, active", "1", larger, chain("relu", larger, steps));
}

Measured measure(const MeasureInput& input) {
  Measured out;
  add_points(input, out);
  add_unit(input, out);
  add_chain(input, out);
  return out;
}

}  // namespace

std::span<const Measure> anchors() {
  static const Measure all[] = {
      {.name = "anchors",
       .summary = "ReLU at points, one unit over the unit square, derivatives along a chain",
       .options = {{"points", Json::array(), "where ReLU and its derivative are taken"},
                   {"weights", Json::array(), "the unit's two weights"},
                   {"bias", 0.0, "the unit's bias"},
                   {"steps", 3, "of the chain"},
                   {"chain_weight", 0.1, "the weight of each step"},
                   {"larger_weight", 0.5, "a larger one, for ReLU alone"}},
       .exact = true,
       .measure = measure}};
  return all;
}

}  // namespace rectify::lab::ops
