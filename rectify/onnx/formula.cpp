#include "rectify/onnx/formula.h"

#include <algorithm>
#include <cmath>

#include "rectify/activation/activation.h"

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
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double y = row.value(x[i], p);
    if (!(std::abs(y - f[i]) <= 1e-7 + 4e-6 * std::abs(y))) return false;
  }
  return true;
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

std::optional<graph::Attributes> attributes_if(const Row& row, const Formula& formula) {
  if (row.varying == Varying::uniform || row.varying == Varying::normal) return std::nullopt;
  graph::Attributes attributes;
  attributes.set("row", std::string(row.name));
  const auto accepts = [&](double number) {
    activation::Parameters p = row.defaults();
    p[0] = number;
    return is_row(row, p, formula.samples);
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

bool alike(const Samples& a, const Samples& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!(std::abs(a[i] - b[i]) <= 1e-7 + 4e-6 * std::abs(b[i]))) return false;
  return true;
}

std::optional<graph::Attributes> row_of(const Formula& formula) {
  if (!std::ranges::all_of(formula.samples, [](double y) { return std::isfinite(y); }))
    return std::nullopt;
  // What is the same at all places may be a row whose kink lies beyond them, or no row at all.
  const auto [low, high] = std::ranges::minmax(formula.samples);
  if (high - low < 1e-6) return std::nullopt;
  for (const bool named : {true, false})
    for (const Row& row : activation::family())
      if ((row.onnx == formula.last) == named)
        if (auto attributes = attributes_if(row, formula)) return attributes;
  return std::nullopt;
}

std::optional<std::array<double, 2>> line_of(const Samples& f) {
  const Samples& x = sample_places();
  const std::size_t last = x.size() - 1;
  const double b = f[x.size() / 2], a = (f[last] - f[0]) / (x[last] - x[0]);
  const double size = std::abs(a) + std::abs(b);
  for (std::size_t i = 0; i < x.size(); ++i)
    if (!(std::abs(a * x[i] + b - f[i]) <= 1e-12 * size * (1 + std::abs(x[i]))))
      return std::nullopt;
  return std::isfinite(a) && std::isfinite(b) ? std::optional(std::array{a, b}) : std::nullopt;
}

}  // namespace rectify::onnx
