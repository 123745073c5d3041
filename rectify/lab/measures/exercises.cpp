// Exercises of textbooks and posts, worked by hand, with the steps as a teacher writes them on a
// board: a gradient through many layers, the numbers of one neuron, layers of two kinds in turn.

#include <cmath>

#include "rectify/activation/activation.h"
#include "rectify/base/error.h"
#include "rectify/lab/measure.h"
#include "rectify/report/format.h"

namespace rectify::lab::ops {

namespace {

std::string shown(double value) { return report::significant_text(value, 3); }

double largest_slope(const char* name) {
  const activation::Row& row = activation::find(name);
  return activation::properties(row, row.defaults()).largest_slope;
}

void add_depth(const MeasureInput& input, Measured& out) {
  const int layers = input.get<int>("layers");
  const auto w = input.get<double>("weight");
  out.lines.push_back(concat("1. A gradient through ", layers, " layers, w = ", shown(w)));
  report::LabSeries relu{.name = "ReLU"}, sigmoid{.name = "sigmoid"}, mixed{.name = "alternating"};
  double r = 1, s = 1, m = 1;
  for (int l = 1; l <= layers; ++l) {
    r *= w * largest_slope("relu");
    s *= w * largest_slope("sigmoid");
    m *= w * largest_slope(l % 2 == 1 ? "relu" : "sigmoid");
    for (auto& [series, value] : {std::pair(&relu, r), {&sigmoid, s}, {&mixed, m}}) {
      series->x.push_back(l);
      series->y.push_back(value);
    }
  }
  out.lines.push_back(
      concat("   ReLU, all active: each layer gives a factor ", shown(w), " x 1 = ", shown(w)));
  out.lines.push_back(concat("     ", shown(w), "^", layers, " = ", shown(r)));
  out.lines.push_back(concat("   sigmoid at its steepest: ", shown(w), " x 0.25 = ", shown(w / 4)));
  out.lines.push_back(concat("     ", shown(w / 4), "^", layers, " = ", shown(s)));
  out.lines.push_back(concat("   in turn: half of the layers give ", shown(w), ", half ",
                             shown(w / 4), ": ", shown(m), ", between the two"));
  out.figures.insert(out.figures.end(),
                     {{"depth_relu", r}, {"depth_sigmoid", s}, {"depth_mixed", m}});
  out.series = {relu, sigmoid, mixed};
}

void add_neuron(const MeasureInput& input, Measured& out) {
  const auto w = input.get<std::vector<double>>("neuron_weights");
  const auto x = input.get<std::vector<double>>("neuron_inputs");
  if (w.size() != x.size()) fail("exercises: ", w.size(), " weights for ", x.size(), " inputs");
  double z = 0;
  std::string products, numbers;
  for (std::size_t i = 0; i < w.size(); ++i) {
    z += w[i] * x[i];
    const char* plus = i == 0 ? "" : " + ";
    products += concat(plus, "(", shown(w[i]), ")(", shown(x[i]), ")");
    numbers += concat(plus, shown(w[i] * x[i]));
  }
  const activation::Row& relu = activation::find("relu");
  const double y = relu.value(z, relu.defaults()), slope = relu.slope(z, relu.defaults());
  out.lines.push_back("2. One neuron");
  out.lines.push_back(concat("   z = ", products));
  out.lines.push_back(concat("     = ", numbers, " = ", shown(z)));
  out.lines.push_back(concat("   output = max(0, ", shown(z), ") = ", shown(y)));
  out.lines.push_back(concat("   gradient: the derivative at ", shown(z), " is ", shown(slope),
                             slope == 0 ? ": nothing is learned from this sample" : ""));
  out.figures.insert(
      out.figures.end(),
      {{"neuron_z", z}, {"neuron_output", y}, {"neuron_gradient", slope * x.front()}});
}

Measured measure(const MeasureInput& input) {
  Measured out;
  add_depth(input, out);
  add_neuron(input, out);
  out.lines.push_back("3. ReLU and sigmoid in turn, trained: rectify lab run mixed");
  out.lines.push_back("4. A rate that is too large, dead units: rectify lab run dead-lr");
  return out;
}

}  // namespace

std::span<const Measure> exercises() {
  static const Measure all[] = {
      {.name = "exercises",
       .summary = "exercises of textbooks, step by step",
       .options = {{"layers", 10, "of the first exercise"},
                   {"weight", 0.3, "of each of them"},
                   {"neuron_weights", Json::array(), "of the second exercise"},
                   {"neuron_inputs", Json::array(), "of the second exercise"}},
       .exact = true,
       .measure = measure}};
  return all;
}

}  // namespace rectify::lab::ops
