#include "rectify/graph/window.h"
#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

/// Calls visit(image element, weight element, result element) for every product of a convolution.
template <class Visit>
void each_product(const Context& c, const Shape& image, const Visit& visit) {
  const graph::Window window = graph::window_of(c.node.attributes, image);
  const graph::WindowAxis &y = window.y, &x = window.x;
  const std::int64_t channels = image.back(), units = c.node.attributes.integer("units"),
                     groups = c.node.attributes.integer("groups"), inputs = channels / groups;
  for (std::int64_t place = 0; place < c.batch * y.out * x.out; ++place) {
    const std::int64_t b = place / (y.out * x.out), i = place / x.out % y.out, j = place % x.out;
    for (std::int64_t tap = 0; tap < y.size * x.size; ++tap) {
      const std::int64_t row = i * y.stride + tap / x.size * y.dilation - y.before;
      const std::int64_t column = j * x.stride + tap % x.size * x.dilation - x.before;
      if (row < 0 || row >= y.in || column < 0 || column >= x.in) continue;
      const std::int64_t pixel = (b * y.in + row) * x.in + column;
      for (std::int64_t o = 0; o < units; ++o)
        for (std::int64_t k = 0; k < inputs; ++k)
          visit(pixel * channels + o / (units / groups) * inputs + k,
                (tap * inputs + k) * units + o, place * units + o);
    }
  }
}

void forward(Context& c) {
  const std::int64_t units = c.node.type.shape.back();
  if (c.node.inputs.size() > 2)
    for (std::size_t i = 0; i < c.output.size(); ++i)
      c.output[i] = c.in(2)[i % static_cast<std::size_t>(units)];
  each_product(c, c.shape(0), [&](std::int64_t x, std::int64_t w, std::int64_t y) {
    c.output[y] += c.in(0)[x] * c.in(1)[w];
  });
}

void input_gradient(Context& c) {
  each_product(c, c.node.type.shape, [&](std::int64_t x, std::int64_t w, std::int64_t y) {
    c.output[x] += c.in(0)[y] * c.in(1)[w];
  });
}

void weight_gradient(Context& c) {
  each_product(c, c.shape(0), [&](std::int64_t x, std::int64_t w, std::int64_t y) {
    c.output[w] += c.in(0)[x] * c.in(1)[y];
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
