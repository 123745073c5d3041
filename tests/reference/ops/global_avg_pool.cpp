#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

/// Calls visit(element of the images, element of the means, places of an image).
template <class Visit>
void each_element(const Context& c, const Shape& image, const Visit& visit) {
  const std::int64_t channels = image.back(), size = image.size();
  for (std::int64_t i = 0; i < c.batch * size; ++i)
    visit(i, i / size * channels + i % channels, static_cast<double>(size / channels));
}

void forward(Context& c) {
  each_element(c, c.shape(0), [&](std::int64_t x, std::int64_t y, double places) {
    c.output[y] += c.in(0)[x] / places;
  });
}

void gradient(Context& c) {
  each_element(c, c.node.type.shape, [&](std::int64_t x, std::int64_t y, double places) {
    c.output[x] = c.in(0)[y] / places;
  });
}

}  // namespace

std::span<const Loop> global_avg_pool() {
  static const Loop all[] = {{"global_avg_pool", forward}, {"global_avg_pool_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
