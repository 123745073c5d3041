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

/// The columns of inputs x units weights.
Filters strongest(const std::vector<float>& all, std::size_t inputs, std::size_t most) {
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

/// What units of a layer above, of kernels `w` of k x k places that are `stride` pixels apart, look
/// for: sums of the filters of reach x reach pixels below.
std::vector<float> spread_filters(const std::vector<float>& below, std::size_t reach,
                                  const ConvolutionalMachine& above, std::size_t stride) {
  const auto k = static_cast<std::size_t>(above.kernel);
  const auto under = static_cast<std::size_t>(above.picture.back());
  const std::size_t units = above.hidden_bias.size(), wide = reach + stride * (k - 1);
  const std::size_t channels = below.size() / (reach * reach * under);
  std::vector<float> sums(wide * wide * channels * units);
  for (std::size_t tap = 0; tap < k * k; ++tap) {
    const std::vector<float> at(
        above.weight.begin() + static_cast<std::ptrdiff_t>(tap * under * units),
        above.weight.begin() + static_cast<std::ptrdiff_t>((tap + 1) * under * units));
    const std::vector<float> part = product_of_weights(below, at, reach * reach * channels);
    const std::size_t row = reach * channels * units;
    for (std::size_t y = 0; y < reach; ++y) {
      float* to =
          sums.data() + ((tap / k * stride + y) * wide + tap % k * stride) * channels * units;
      for (std::size_t n = 0; n < row; ++n) to[n] += part[y * row + n];
    }
  }
  return sums;
}

}  // namespace

Filters filters_of(std::span<const std::span<const float>> weights, std::size_t inputs,
                   std::size_t most) {
  std::vector<float> all(weights.front().begin(), weights.front().end());
  for (const std::span<const float> above : weights.subspan(1))
    all = product_of_weights(all, above, inputs);
  return strongest(all, inputs, most);
}

KernelFilters filters_of(std::span<const ConvolutionalMachine> machines, std::size_t most) {
  const ConvolutionalMachine& first = machines.front();
  std::vector<float> all = first.weight;
  std::size_t reach = static_cast<std::size_t>(first.kernel), stride = 1;
  for (std::size_t i = 1; i < machines.size(); ++i) {
    stride *= static_cast<std::size_t>(machines[i - 1].pool);
    all = spread_filters(all, reach, machines[i], stride);
    reach += stride * static_cast<std::size_t>(machines[i].kernel - 1);
  }
  const auto side = static_cast<std::int64_t>(reach);
  const Shape shape{side, side, first.picture.back()};
  return {.shape = shape, .filters = strongest(all, static_cast<std::size_t>(shape.size()), most)};
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
