// scale_units, contrast_variances (graph/ops/variance.cpp).

#include <algorithm>
#include <cmath>
#include <vector>

#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/loops.h"

namespace rectify::run::cpu::ops {

namespace {

double log_least(const Lowering& l) { return std::log(l.node.attributes.number("least")); }

/// In place it is: y may be x.
Step scale_units(const Lowering& l) {
  const auto width = static_cast<std::size_t>(l.node.type.shape.back());
  return [&threads = l.threads, x = l.input<float>(0), z = l.input<float>(1), y = l.output<float>(),
          rows = l.output_size() / width, width, least = log_least(l),
          power = l.node.attributes.number("power"), factor = std::vector<float>(width)]() mutable {
    for (std::size_t c = 0; c < width; ++c)
      factor[c] = static_cast<float>(std::exp(power * std::max<double>(z[c], least)));
    for_rows(threads, rows, width, [&](std::size_t first, std::size_t count) {
      for (std::size_t r = first; r < first + count; ++r)
        for (std::size_t c = 0; c < width; ++c) y[r * width + c] = x[r * width + c] * factor[c];
    });
  };
}

/// Adds factor times the mean over the rows of (v - b)² / 2 - v (r - b) to `sums`, for `count`
/// columns from `first`.
struct UnitStatistics {
  const float *v, *r, *b;
  std::size_t rows, width;

  void add(double factor, std::size_t first, std::size_t count, double* sums) const {
    factor /= static_cast<double>(rows);
    for (std::size_t row = 0; row < rows; ++row)
      for (std::size_t c = 0; c < count; ++c) {
        const std::size_t at = row * width + first + c;
        const double x = v[at], bias = b[first + c], off = x - bias;
        sums[c] += factor * (off * off / 2 - x * (r[at] - bias));
      }
  }
};

Step contrast_variances(const Lowering& l) {
  const auto width = static_cast<std::size_t>(l.node.type.shape[0]);
  const auto side = [&](std::size_t at) {
    return UnitStatistics{l.input<float>(at), l.input<float>(at + 1), l.input<float>(4),
                          l.input_size(at) / width, width};
  };
  return [&threads = l.threads, data = side(0), model = side(2), z = l.input<float>(5),
          d = l.output<float>(), width, least = log_least(l)] {
    constexpr std::size_t columns_a_tile = 64;
    threads.run((width + columns_a_tile - 1) / columns_a_tile, [&](std::size_t tile) {
      const std::size_t first = tile * columns_a_tile;
      const std::size_t count = std::min(columns_a_tile, width - first);
      double sums[columns_a_tile] = {};
      model.add(1, first, count, sums);
      data.add(-1, first, count, sums);
      for (std::size_t c = 0; c < count; ++c) {
        const double at = z[first + c];
        const double direction = std::exp(-std::max(at, least)) * sums[c];
        d[first + c] = static_cast<float>(at <= least ? std::min(0.0, direction) : direction);
      }
    });
  };
}

}  // namespace

std::span<const Kernel> variance() {
  static const Kernel all[] = {{.op = "scale_units", .lower = scale_units},
                               {.op = "contrast_variances", .lower = contrast_variances}};
  return all;
}

}  // namespace rectify::run::cpu::ops
