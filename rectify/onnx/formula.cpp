#include "rectify/onnx/formula.h"

#include <algorithm>
#include <cmath>

#include "rectify/activation/activation.h"
#include "rectify/onnx/reader.h"

namespace rectify::onnx {

namespace {

using activation::Row;
using activation::Varying;

/// Places that tell kinks and tails apart: closer together near 0, and not round numbers.
Samples make_places() {
  Samples places;
  for (int i = -44; i <= 44; ++i) places.push_back(std::sinh(i * 0.1) * 40 / std::sinh(4.4));
  return places;
}

bool is_row(const Row& row, const activation::Parameters& p, const Samples& f) {
  const Samples& x = sample_places();
  for (std::size_t i = 0; i < x.size(); ++i)
    if (!alike(f[i], row.value(x[i], p))) return false;
  return true;
}

/// The trial of a formula, made when it is first asked for: most formulas equal no row at all.
class LazyTrial {
 public:
  explicit LazyTrial(const Formula& formula) : formula_(formula) {}
  const std::optional<Trial>& get() {
    if (!made_) trial_ = trial_of(formula_);
    made_ = true;
    return trial_;
  }

 private:
  const Formula& formula_;
  std::optional<Trial> trial_;
  bool made_ = false;
};

constexpr std::size_t most_candidates = 16;

/// Adds a constant to the candidates for a row's parameter, each once.
void add_candidate(std::vector<double>& all, double number) {
  if (all.size() < most_candidates && std::ranges::count(all, number) == 0) all.push_back(number);
}

/// The values to try for a row's only parameter, from the constants of a formula.
std::vector<double> candidates(const activation::ParameterInfo& number,
                               const std::vector<double>& constants) {
  std::vector<double> all = {number.value};
  for (const double c : constants)
    for (const double v : {c, -c, 1 / c, c + 0.5})  // the last: of a sum of shifted terms
      if (v >= number.low && v <= number.high) all.push_back(v);
  return all;
}

std::optional<graph::Attributes> attributes_if(const Row& row, const Formula& formula,
                                               LazyTrial& trial) {
  if (row.varying == Varying::uniform || row.varying == Varying::normal) return std::nullopt;
  graph::Attributes attributes;
  attributes.set("row", std::string(row.name));
  const auto accepts = [&](double number) {
    activation::Parameters p = row.defaults();
    p[0] = number;
    return is_row(row, p, formula.samples) &&
           passes(trial.get(), [&](double x, double y) { return alike(y, row.value(x, p)); });
  };
  // The parameter of relu is its derivative at 0, which values cannot show.
  if (row.parameters.empty() || row.name == "relu")
    return accepts(row.defaults()[0]) ? std::optional(attributes) : std::nullopt;
  if (row.parameters.size() > 1) return std::nullopt;
  for (const double number : candidates(row.parameters[0], formula.constants)) {
    if (!accepts(number)) continue;
    attributes.set(row.parameters[0].name, number);
    if (row.varying == Varying::learned) attributes.set("learn", std::string("no"));
    return attributes;
  }
  return std::nullopt;
}

}  // namespace

const Samples& sample_places() {
  static const Samples places = make_places();
  return places;
}

std::shared_ptr<Formula> compose(Pointwise function, std::vector<Argument> arguments) {
  auto formula = std::make_shared<Formula>();
  std::vector<const Samples*> of;
  for (const Argument& a : arguments) {
    of.push_back(a.constant ? nullptr : a.formula ? &a.formula->samples : &sample_places());
    if (a.constant) add_candidate(formula->constants, tidy(*a.constant));
    if (!a.formula) continue;
    for (const double number : a.formula->constants) add_candidate(formula->constants, number);
    formula->depth = std::max(formula->depth, a.formula->depth + 1);
  }
  std::vector<double> x(arguments.size());
  for (std::size_t i = 0; i < sample_places().size(); ++i) {
    for (std::size_t k = 0; k < x.size(); ++k) x[k] = of[k] ? (*of[k])[i] : *arguments[k].constant;
    formula->samples.push_back(function(x));
  }
  formula->function = std::move(function);
  formula->arguments = std::move(arguments);
  return formula;
}

std::optional<graph::Attributes> row_of(const Formula& formula) {
  if (!std::ranges::all_of(formula.samples, [](double y) { return std::isfinite(y); }))
    return std::nullopt;
  // What is the same at all places may be a row whose kink lies beyond them, or no row at all.
  const auto [low, high] = std::ranges::minmax(formula.samples);
  if (high - low < 1e-6) return std::nullopt;
  LazyTrial trial(formula);
  for (const bool named : {true, false})
    for (const Row& row : activation::family())
      if ((row.onnx == formula.last) == named)
        if (auto attributes = attributes_if(row, formula, trial)) return attributes;
  return std::nullopt;
}

std::optional<std::array<double, 2>> line_of(const Formula& formula) {
  const Samples &x = sample_places(), &f = formula.samples;
  const std::size_t last = x.size() - 1;
  const double b = f[x.size() / 2], a = (f[last] - f[0]) / (x[last] - x[0]);
  const double size = std::abs(a) + std::abs(b);
  const auto on_line = [&](double place, double y) {
    return std::abs(a * place + b - y) <= 1e-12 * size * (1 + std::abs(place));
  };
  for (std::size_t i = 0; i < x.size(); ++i)
    if (!on_line(x[i], f[i])) return std::nullopt;
  if (!std::isfinite(a) || !std::isfinite(b) || !passes(trial_of(formula), on_line))
    return std::nullopt;
  return std::array{a, b};
}

}  // namespace rectify::onnx
