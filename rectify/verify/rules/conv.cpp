#include <algorithm>
#include <cmath>
#include <limits>

#include "rectify/graph/window.h"
#include "rectify/verify/rule.h"

namespace rectify::verify::ops {

namespace {

/// Of Winograd's algorithm (docs/decisions/0013): the largest sum, over the pixels of one axis, of
/// |A'_ip G_pk B'_pl| summed over points (13.25 at its points), and the roundings of its three
/// changes of both axes.
constexpr double winograd_growth = 13.25, winograd_roundings = 64;
constexpr double both_axes = winograd_growth * winograd_growth;

bool may_be_winograd(const graph::Window& window, std::int64_t groups) {
  const auto is_3x3 = [](const graph::WindowAxis& a) {
    return a.size == 3 && a.stride == 1 && a.dilation == 1;
  };
  return groups == 1 && is_3x3(window.y) && is_3x3(window.x);
}

/// The products of a convolution as a matrix of pixels' channels and places' units.
Matrix matrix_of(const graph::Window& window, const Shape& weight, std::size_t channels,
                 std::span<const float> w) {
  const auto in = static_cast<std::size_t>(weight[2]), units = static_cast<std::size_t>(weight[3]);
  const std::size_t of_group = units / (channels / in);
  const auto& [y, x] = window;
  std::vector<Entry> entries;
  for (std::int64_t place = 0; place < y.out * x.out; ++place)
    for (std::int64_t tap = 0; tap < y.size * x.size; ++tap) {
      const std::int64_t row = place / x.out * y.stride + tap / x.size * y.dilation - y.before;
      const std::int64_t column = place % x.out * x.stride + tap % x.size * x.dilation - x.before;
      if (row < 0 || row >= y.in || column < 0 || column >= x.in) continue;
      const auto pixel = static_cast<std::size_t>(row * x.in + column);
      for (std::size_t c = 0; c < channels; ++c)
        for (std::size_t o = c / in * of_group; o < (c / in + 1) * of_group; ++o) {
          const float weight_here = w[(static_cast<std::size_t>(tap) * in + c % in) * units + o];
          if (weight_here == 0) continue;
          entries.push_back(
              {static_cast<std::uint32_t>(pixel * channels + c),
               static_cast<std::uint32_t>(static_cast<std::size_t>(place) * units + o),
               weight_here});
        }
    }
  return Matrix::of_entries(static_cast<std::size_t>(y.in * x.in) * channels,
                            static_cast<std::size_t>(y.out * x.out) * units, std::move(entries));
}

// A result of the algorithm is the sum over channels, taps (k, k') and pixels (l, l') of a patch of
// g d T_kl T_k'l', whose exact parts cancel where they should; each term is rounded relative to
// itself. So the error is at most the rounding of so many terms times the sum over channels of the
// largest |d| of the image, times the sum of the |g|, times the square of the largest sum of T.
//
// With the same square it bounds what is held on the way: a point of an image is at most 5.3 times
// its largest pixel on each axis, one of the taps at most 1.4 times their sum, and each product of
// points is in some result with a factor of 1 (A').
auto winograd_error(std::span<const float> w, std::size_t in, std::size_t units) {
  std::vector<double> sums(in * units);  // of |g| over taps
  for (std::size_t i = 0; i < w.size(); ++i) sums[i % (in * units)] += std::abs(double{w[i]});
  const double terms = static_cast<double>(in) + winograd_roundings;
  return [=](std::span<const std::vector<double>* const> sizes, std::span<double> error) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const auto overflows = [](double x) { return !(both_axes * x < least_overflow); };
    std::vector<double> largest(in), of_unit(units);
    for (std::size_t i = 0; i < sizes[0]->size(); ++i)
      largest[i % in] = std::max(largest[i % in], (*sizes[0])[i]);
    for (std::size_t i = 0; i < sums.size(); ++i)
      of_unit[i % units] += sums[i] * largest[i / units];
    if (std::ranges::any_of(largest, overflows) || std::ranges::any_of(sums, overflows) ||
        std::ranges::any_of(of_unit, overflows))
      std::ranges::fill(error, infinity);
    for (std::size_t o = 0; o < error.size(); ++o)
      error[o] += both_axes * float_rounding(terms) * of_unit[o % units] +
                  float_underflow(terms) * both_axes;
  };
}

std::size_t lower(Lowering& lowering, const graph::Node& node) {
  const Shape& image = lowering.shape(node, 0);
  const Shape& weight = lowering.shape(node, 1);
  const graph::Window window = graph::window_of(node.attributes, image);
  const std::span<const float> w = lowering.numbers(node, 1), b = lowering.numbers(node, 2);
  std::vector<double> bias(Lowering::width(node));
  for (std::size_t i = 0; i < bias.size() && !b.empty(); ++i) bias[i] = b[i % b.size()];
  const auto channels = static_cast<std::size_t>(image.back());
  const std::size_t layer =
      lowering.add_affine(node, lowering.layer_of(node), matrix_of(window, weight, channels, w),
                          std::move(bias), static_cast<double>(weight[0] * weight[1] * weight[2]));
  if (may_be_winograd(window, image.back() / weight[2]))
    lowering.network().layers[layer].more_error =
        winograd_error(w, channels, static_cast<std::size_t>(weight[3]));
  return layer;
}

}  // namespace

std::span<const Rule> conv() {
  static const Rule all[] = {{.op = "conv", .lower = lower}};
  return all;
}

}  // namespace rectify::verify::ops
