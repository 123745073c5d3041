#pragma once

#include <cmath>
#include <vector>

#include "tests/reference/reference.h"

namespace rectify::run::reference {

/// A row of x normalised: layer_norm's, or, without a mean, rms_norm's.
struct NormalisedRow {
  double inverse = 0;     ///< 1 / sqrt(variance + epsilon)
  std::vector<double> z;  ///< (x - mean) inverse

  NormalisedRow(const Context& c, const double* x, std::size_t width, bool centred) : z(width) {
    const auto n = static_cast<double>(width);
    double mean = 0, variance = 0;
    for (std::size_t i = 0; centred && i < width; ++i) mean += x[i] / n;
    for (std::size_t i = 0; i < width; ++i) variance += (x[i] - mean) * (x[i] - mean) / n;
    inverse = 1 / std::sqrt(variance + c.node.attributes.number("epsilon"));
    for (std::size_t i = 0; i < width; ++i) z[i] = (x[i] - mean) * inverse;
  }
};

/// y = z scale + shift for every row, from (x, scale, shift), of which the last two may be missing.
inline void normalise_rows(Context& c, bool centred) {
  const auto width = static_cast<std::size_t>(graph::last_extent(c.graph, c.node.inputs[0]));
  const std::size_t inputs = c.node.inputs.size();
  for (std::size_t first = 0; first < c.output.size(); first += width) {
    const NormalisedRow row(c, c.in(0).data() + first, width, centred);
    for (std::size_t i = 0; i < width; ++i)
      c.output[first + i] =
          row.z[i] * (inputs > 1 ? c.in(1)[i] : 1) + (inputs > 2 ? c.in(2)[i] : 0);
  }
}

/// The gradient in x, from (dy, x, scale).
inline void gradient_of_rows(Context& c, bool centred) {
  const auto width = static_cast<std::size_t>(graph::last_extent(c.graph, c.node.inputs[1]));
  const auto n = static_cast<double>(width);
  for (std::size_t first = 0; first < c.output.size(); first += width) {
    const NormalisedRow row(c, c.in(1).data() + first, width, centred);
    const auto scaled = [&](std::size_t i) {
      return c.in(0)[first + i] * (c.node.inputs.size() > 2 ? c.in(2)[i] : 1);
    };
    double mean = 0, product = 0;
    for (std::size_t i = 0; i < width; ++i) {
      mean += centred ? scaled(i) / n : 0;
      product += scaled(i) * row.z[i] / n;
    }
    for (std::size_t i = 0; i < width; ++i)
      c.output[first + i] = (scaled(i) - mean - row.z[i] * product) * row.inverse;
  }
}

/// The sums of dy (where there is room for them) and of dy z, from (dy, x).
inline void sums_of_rows(Context& c, bool centred) {
  const auto width = static_cast<std::size_t>(graph::last_extent(c.graph, c.node.inputs[1]));
  const std::size_t products = c.output.size() - width;
  for (std::size_t first = 0; first < c.in(0).size(); first += width) {
    const NormalisedRow row(c, c.in(1).data() + first, width, centred);
    for (std::size_t i = 0; i < width; ++i) {
      if (products > 0) c.output[i] += c.in(0)[first + i];
      c.output[products + i] += c.in(0)[first + i] * row.z[i];
    }
  }
}

}  // namespace rectify::run::reference
