// The row's own kernels at both ends of the intervals, a part that stays in cache at a time.

#include <algorithm>
#include <array>

#include "rectify/activation/kernels.h"
#include "rectify/graph/activate.h"
#include "rectify/run/cpu/kernel.h"

namespace rectify::run::cpu::ops {

namespace {

using Part = std::array<float, part_elements>;

/// Calls work(first, n, low, high) with the ends of each part of [first, first + n).
template <class Work>
void for_ends(const float* centre, const float* radius, std::size_t first, std::size_t n,
              const Work& work) {
  Part low, high;
  for (const std::size_t end = first + n; first < end; first += part_elements) {
    const std::size_t count = std::min(part_elements, end - first);
    for (std::size_t i = 0; i < count; ++i) {
      low[i] = centre[first + i] - radius[first + i];
      high[i] = centre[first + i] + radius[first + i];
    }
    work(first, count, low.data(), high.data());
  }
}

/// Half of the sum of both ends with sign 1, of their difference with sign -1.
void put_half(const float* low, const float* high, float sign, float* y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] = 0.5f * (high[i] + sign * low[i]);
}

template <int sign>
Piece value(const Lowering& l) {
  return [c = l.input<float>(0), r = l.input<float>(1), y = l.output<float>(),
          f = activation::kernels(graph::activation_row(l.node)).forward,
          p = graph::activation_parameters(l.node)](std::size_t begin, std::size_t size) {
    for_ends(c, r, begin, size, [&](std::size_t first, std::size_t n, float* low, float* high) {
      f(low, low, n, p);
      f(high, high, n, p);
      put_half(low, high, sign, y + first, n);
    });
  };
}

template <int sign>
Piece gradient(const Lowering& l) {
  return [dy = l.input<float>(0), c = l.input<float>(1), r = l.input<float>(2),
          dx = l.output<float>(), f = activation::kernels(graph::activation_row(l.node)).backward,
          p = graph::activation_parameters(l.node)](std::size_t begin, std::size_t size) {
    for_ends(c, r, begin, size, [&](std::size_t first, std::size_t n, float* low, float* high) {
      f(low, dy + first, low, n, p);
      f(high, dy + first, high, n, p);
      put_half(low, high, sign, dx + first, n);
    });
  };
}

}  // namespace

std::span<const Kernel> interval() {
  static const Kernel all[] = {{.op = "interval_centre", .piece = value<1>},
                               {.op = "interval_radius", .piece = value<-1>},
                               {.op = "interval_mean_gradient", .piece = gradient<1>},
                               {.op = "interval_difference_gradient", .piece = gradient<-1>}};
  return all;
}

}  // namespace rectify::run::cpu::ops
