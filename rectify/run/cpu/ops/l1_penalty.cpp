#include <cmath>
#include <vector>

#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/loops.h"

namespace rectify::run::cpu::ops {

namespace {

/// In several sums, which do not wait for each other.
double sum_of_magnitudes(const float* x, std::size_t n) {
  constexpr std::size_t sums = 8;
  double sum[sums] = {};
  std::size_t i = 0;
  for (; i + sums <= n; i += sums)
    for (std::size_t k = 0; k < sums; ++k) sum[k] += std::abs(x[i + k]);
  for (; i < n; ++i) sum[i % sums] += std::abs(x[i]);
  for (std::size_t k = 1; k < sums; ++k) sum[0] += sum[k];
  return sum[0];
}

Step value(const Lowering& l) {
  const std::size_t size = l.input_size(0);
  const double factor = l.node.attributes.number("weight") / static_cast<double>(size);
  return [&threads = l.threads, x = l.input<float>(0), y = l.output<float>(), size, factor,
          sums = std::vector<double>((size + tile_elements - 1) / tile_elements)]() mutable {
    for_elements(threads, size, [&](std::size_t first, std::size_t n) {
      sums[first / tile_elements] = sum_of_magnitudes(x + first, n);
    });
    double sum = 0;
    for (const double part : sums) sum += part;
    *y = static_cast<float>(sum * factor);
  };
}

Piece gradient(const Lowering& l) {
  const double weight = l.node.attributes.number("weight");
  return [x = l.input<float>(0), dx = l.output<float>(),
          factor = static_cast<float>(weight / static_cast<double>(l.output_size()))](
             std::size_t first, std::size_t n) { loops().signs(factor, x + first, dx + first, n); };
}

}  // namespace

std::span<const Kernel> l1_penalty() {
  static const Kernel all[] = {{.op = "l1_penalty", .lower = value},
                               {.op = "l1_penalty_gradient", .piece = gradient}};
  return all;
}

}  // namespace rectify::run::cpu::ops
