#include "rectify/graph/window.h"
#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

/// Where one tap of one window lies: its first elements of the image, the weight and the result.
struct Tap {
  std::int64_t image, weight, result;
};

/// Channels of the image and of the result in one group.
struct Group {
  std::int64_t inputs, units, count;
};

Group group_of(const Context& c, const Shape& image) {
  const std::int64_t count = c.node.attributes.integer("groups");
  return {image.back() / count, c.node.attributes.integer("units") / count, count};
}

/// Calls visit(tap) for every tap of every window of a convolution that lies in the image, for each
/// group of channels. Loops over inputs and units follow, those over consecutive numbers inside.
template <class Visit>
void each_tap(const Context& c, const Shape& image, const Visit& visit) {
  const graph::Window window = graph::window_of(c.node.attributes, image);
  const graph::WindowAxis &y = window.y, &x = window.x;
  const Group group = group_of(c, image);
  const std::int64_t units = group.units * group.count;
  for (std::int64_t place = 0; place < c.batch * y.out * x.out; ++place) {
    const std::int64_t b = place / (y.out * x.out), i = place / x.out % y.out, j = place % x.out;
    for (std::int64_t tap = 0; tap < y.size * x.size; ++tap) {
      const std::int64_t row = i * y.stride + tap / x.size * y.dilation - y.before;
      const std::int64_t column = j * x.stride + tap % x.size * x.dilation - x.before;
      if (row < 0 || row >= y.in || column < 0 || column >= x.in) continue;
      const std::int64_t pixel = (b * y.in + row) * x.in + column;
      for (std::int64_t g = 0; g < group.count; ++g)
        visit(Tap{.image = pixel * image.back() + g * group.inputs,
                  .weight = tap * group.inputs * units + g * group.units,
                  .result = place * units + g * group.units});
    }
  }
}

void forward(Context& c) {
  const Group group = group_of(c, c.shape(0));
  const std::int64_t units = group.units * group.count;
  if (c.node.inputs.size() > 2)
    for (std::size_t i = 0; i < c.output.size(); ++i)
      c.output[i] = c.in(2)[i % static_cast<std::size_t>(units)];
  each_tap(c, c.shape(0), [&](const Tap& tap) {
    const double *x = &c.in(0)[tap.image], *w = &c.in(1)[tap.weight];
    double* y = &c.output[tap.result];
    for (std::int64_t k = 0; k < group.inputs; ++k)
      for (std::int64_t o = 0; o < group.units; ++o) y[o] += x[k] * w[k * units + o];
  });
}

void input_gradient(Context& c) {
  const Group group = group_of(c, c.node.type.shape);
  const std::int64_t units = group.units * group.count;
  const auto taps = static_cast<std::int64_t>(c.in(1).size()) / (group.inputs * units);
  std::vector<double> turned(c.in(1).size());  // the same weights, inputs side by side
  for (std::int64_t tap = 0; tap < taps; ++tap)
    for (std::int64_t k = 0; k < group.inputs; ++k)
      for (std::int64_t o = 0; o < units; ++o)
        turned[(tap * units + o) * group.inputs + k] =
            c.in(1)[(tap * group.inputs + k) * units + o];
  each_tap(c, c.node.type.shape, [&](const Tap& tap) {
    const std::int64_t first = tap.weight / (group.inputs * units) * units + tap.result % units;
    const double *y = &c.in(0)[tap.result], *w = &turned[first * group.inputs];
    double* x = &c.output[tap.image];
    for (std::int64_t o = 0; o < group.units; ++o)
      for (std::int64_t k = 0; k < group.inputs; ++k) x[k] += y[o] * w[o * group.inputs + k];
  });
}

void weight_gradient(Context& c) {
  const Group group = group_of(c, c.shape(0));
  const std::int64_t units = group.units * group.count;
  each_tap(c, c.shape(0), [&](const Tap& tap) {
    const double *x = &c.in(0)[tap.image], *y = &c.in(1)[tap.result];
    double* w = &c.output[tap.weight];
    for (std::int64_t k = 0; k < group.inputs; ++k)
      for (std::int64_t o = 0; o < group.units; ++o) w[k * units + o] += x[k] * y[o];
  });
}

void bias_gradient(Context& c) {
  for (std::size_t i = 0; i < c.in(0).size(); ++i) c.output[i % c.output.size()] += c.in(0)[i];
}

}  // namespace

std::span<const Loop> conv() {
  static const Loop all[] = {{"conv", forward},
                             {"conv_input_gradient", input_gradient},
                             {"conv_weight_gradient", weight_gradient},
                             {"conv_bias_gradient", bias_gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
