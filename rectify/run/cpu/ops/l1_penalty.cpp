#include <cmath>
#include <vector>

#include "rectify/run/cpu/kernel.h"

namespace rectify::run::cpu::ops {

namespace {

Step value(const Lowering& l) {
  const std::size_t size = l.input_size(0);
  const double factor = l.node.attributes.number("weight") / static_cast<double>(size);
  return [&threads = l.threads, x = l.input<float>(0), y = l.output<float>(), size, factor,
          sums = std::vector<double>((size + tile_elements - 1) / tile_elements)]() mutable {
    for_elements(threads, size, [&](std::size_t first, std::size_t n) {
      double sum = 0;
      for (std::size_t i = first; i < first + n; ++i) sum += std::abs(x[i]);
      sums[first / tile_elements] = sum;
    });
    double sum = 0;
    for (const double part : sums) sum += part;
    *y = static_cast<float>(sum * factor);
  };
}

Step gradient(const Lowering& l) {
  const std::size_t size = l.output_size();
  const double weight = l.node.attributes.number("weight");
  return [&threads = l.threads, x = l.input<float>(0), dx = l.output<float>(), size,
          factor = static_cast<float>(weight / static_cast<double>(size))] {
    for_elements(threads, size, [&](std::size_t first, std::size_t n) {
      for (std::size_t i = first; i < first + n; ++i)
        dx[i] = x[i] > 0 ? factor : (x[i] < 0 ? -factor : 0.0f);
    });
  };
}

}  // namespace

std::span<const Kernel> l1_penalty() {
  static const Kernel all[] = {{"l1_penalty", value}, {"l1_penalty_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::cpu::ops
