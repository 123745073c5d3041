#include "rectify/pretrain/filters.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace rectify::pretrain {

namespace {

/// a b for row-major matrices, a of `rows`.
std::vector<float> product_of_weights(std::span<const float> a, std::span<const float> b,
                                      std::size_t rows) {
  const std::size_t inner = a.size() / rows, columns = b.size() / inner;
  std::vector<float> c(rows * columns);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t k = 0; k < inner; ++k)
      for (std::size_t j = 0; j < columns; ++j)
        c[i * columns + j] += a[i * inner + k] * b[k * columns + j];
  return c;
}

}  // namespace

Filters filters_of(std::span<const std::span<const float>> weights, std::size_t inputs,
                   std::size_t most) {
  std::vector<float> all(weights.front().begin(), weights.front().end());
  for (const std::span<const float> above : weights.subspan(1))
    all = product_of_weights(all, above, inputs);
  const std::size_t units = all.size() / inputs;
  std::vector<double> norm(units);
  for (std::size_t i = 0; i < all.size(); ++i)
    norm[i % units] += static_cast<double>(all[i]) * all[i];
  Filters filters{.inputs = inputs, .units = std::vector<std::size_t>(units), .weights = {}};
  std::iota(filters.units.begin(), filters.units.end(), std::size_t{0});
  std::ranges::stable_sort(filters.units, std::greater{}, [&](std::size_t j) { return norm[j]; });
  filters.units.resize(std::min(units, most));
  for (const std::size_t j : filters.units)
    for (std::size_t i = 0; i < inputs; ++i) filters.weights.push_back(all[i * units + j]);
  return filters;
}

std::vector<float> Filters::levels() const {
  std::vector<float> levels;
  for (std::size_t first = 0; first < weights.size(); first += inputs) {
    float top = 0;
    for (std::size_t i = 0; i < inputs; ++i) top = std::max(top, std::fabs(weights[first + i]));
    for (std::size_t i = 0; i < inputs; ++i)
      levels.push_back(top > 0 ? 0.5f + weights[first + i] / (2 * top) : 0.5f);
  }
  return levels;
}

}  // namespace rectify::pretrain
