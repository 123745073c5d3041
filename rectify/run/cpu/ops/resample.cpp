#include <algorithm>
#include <cmath>

#include "rectify/run/cpu/samples.h"

namespace rectify::run::cpu::ops {

namespace {

/// An element of the input that counts for one of the result.
struct Tap {
  std::size_t at;
  float weight;
};

double place_of(std::int64_t j, std::int64_t n, std::int64_t m, const graph::Attributes& how) {
  const std::string& coordinates = how.word("coordinates");
  const double scale = how.number("scale"), to = static_cast<double>(j);
  if (coordinates == "asymmetric") return to / scale;
  if (coordinates == "align_corners")
    return m == 1 ? 0 : to * static_cast<double>(n - 1) / static_cast<double>(m - 1);
  if (coordinates == "pytorch_half_pixel" && m == 1) return 0;
  return (to + 0.5) / scale - 0.5;
}

double nearest(double place, const std::string& rounding) {
  if (rounding == "floor") return std::floor(place);
  if (rounding == "ceil") return std::ceil(place);
  return rounding == "round_prefer_ceil" ? std::floor(place + 0.5) : std::ceil(place - 0.5);
}

/// The weight of an element so far from the place, by Keys' cubic.
double cubic(double x, double a) {
  x = std::abs(x);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

std::vector<Tap> taps_of(std::int64_t j, std::int64_t n, std::int64_t m,
                         const graph::Attributes& how) {
  const double place = place_of(j, n, m, how), low = std::floor(place);
  const auto inside = [n](double at) {
    return static_cast<std::size_t>(std::clamp(at, 0.0, static_cast<double>(n - 1)));
  };
  const std::string& mode = how.word("mode");
  if (mode == "nearest") return {{inside(nearest(place, how.word("rounding"))), 1.0f}};
  std::vector<Tap> taps;
  const int reach = mode == "cubic" ? 2 : 1;
  for (int k = 1 - reach; k <= reach; ++k) {
    const double off = place - (low + k);
    const double weight = mode == "cubic" ? cubic(off, how.number("cubic")) : 1 - std::abs(off);
    taps.push_back({inside(low + k), static_cast<float>(weight)});
  }
  return taps;
}

Step forward(const Lowering& l) {
  const Shape &in = l.graph.input(l.node, 0).type.shape, &out = l.node.type.shape;
  const auto axis = static_cast<std::size_t>(l.node.attributes.integer("axis"));
  std::vector<std::vector<Tap>> taps;
  for (std::int64_t j = 0; j < out[axis]; ++j)
    taps.push_back(taps_of(j, in[axis], out[axis], l.node.attributes));
  std::size_t behind = 1;
  for (std::size_t i = axis + 1; i < in.rank(); ++i) behind *= static_cast<std::size_t>(in[i]);
  return [&threads = l.threads, x = l.input<float>(0), y = l.output<float>(), taps, behind,
          extent = static_cast<std::size_t>(in[axis]), rows = l.output_size() / behind] {
    for_rows(threads, rows, behind, [&](std::size_t first, std::size_t n) {
      for (std::size_t row = first; row < first + n; ++row) {
        const float* const from = x + row / taps.size() * extent * behind;
        float* const to = y + row * behind;
        std::fill_n(to, behind, 0.0f);
        for (const Tap& tap : taps[row % taps.size()])
          for (std::size_t i = 0; i < behind; ++i) to[i] += tap.weight * from[tap.at * behind + i];
      }
    });
  };
}

}  // namespace

std::span<const Kernel> resample() {
  static const Kernel all[] = {{.op = "resample", .lower = forward}};
  return all;
}

}  // namespace rectify::run::cpu::ops
