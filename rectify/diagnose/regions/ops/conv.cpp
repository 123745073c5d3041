#include <algorithm>

#include "rectify/diagnose/regions/piece_rule.h"
#include "rectify/diagnose/regions/products.h"
#include "rectify/graph/window.h"

namespace rectify::diagnose::ops {

namespace {

/// A convolution as products of a patch with the weights: a patch holds what the window sees at one
/// place, tap after tap, in the channels of one group. Outside of the image there are zeros.
class Patches {
 public:
  explicit Patches(const PieceContext& c)
      : window_(graph::window_of(c.node.attributes, c.shape(0))),
        channels_(c.shape(0).back()),
        groups_(c.node.attributes.integer("groups")),
        units_(c.node.attributes.integer("units")),
        weights_(c.in[1].numbers.data()),
        patch_(static_cast<std::size_t>(window_.y.size * window_.x.size * inputs())) {}

  void add_products(const double* image, double* to) {
    const std::int64_t own = units_ / groups_;
    for (std::int64_t place = 0; place < window_.y.out * window_.x.out; ++place)
      for (std::int64_t group = 0; group < groups_; ++group) {
        fill(image, place, group);
        products().add(patch_.data(), patch_.size(), weights_ + group * own,
                       static_cast<std::size_t>(units_), static_cast<std::size_t>(own),
                       to + place * units_ + group * own);
      }
  }

 private:
  std::int64_t inputs() const { return channels_ / groups_; }

  void fill(const double* image, std::int64_t place, std::int64_t group) {
    const graph::WindowAxis &y = window_.y, &x = window_.x;
    double* to = patch_.data();
    for (std::int64_t tap = 0; tap < y.size * x.size; ++tap, to += inputs()) {
      const std::int64_t row = place / x.out * y.stride + tap / x.size * y.dilation - y.before;
      const std::int64_t column = place % x.out * x.stride + tap % x.size * x.dilation - x.before;
      if (row < 0 || row >= y.in || column < 0 || column >= x.in)
        std::fill_n(to, inputs(), 0.0);
      else
        std::copy_n(image + (row * x.in + column) * channels_ + group * inputs(), inputs(), to);
    }
  }

  graph::Window window_;
  std::int64_t channels_, groups_, units_;
  const double* weights_;
  std::vector<double> patch_;
};

void linear(const PieceContext& c, OutputRows out) {
  if (c.in.size() > 2) {
    const std::span<double> values = out.row(0);
    for (std::size_t i = 0; i < out.width; ++i) values[i] = c.in[2].numbers[i % c.in[2].width];
  }
  Patches patches(c);
  for (std::size_t term = 0; term < out.terms(); ++term)
    patches.add_products(c.in[0].row(term).data(), out.row(term).data());
}

}  // namespace

std::span<const PieceRule> conv() {
  static const PieceRule all[] = {{.op = "conv", .linear = linear}};
  return all;
}

}  // namespace rectify::diagnose::ops
