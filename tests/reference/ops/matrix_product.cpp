#include "tests/reference/samples.h"

namespace rectify::run::reference::ops {

namespace {

void forward(Context& c) {
  const std::int64_t inner = c.shape(0).back();
  fill(c, [&](std::int64_t sample, const Index& index) {
    Index a = index, b = index;
    double sum = 0;
    for (std::int64_t k = 0; k < inner; ++k) {
      a.back() = k;
      b[b.size() - 2] = k;
      sum += at(c, 0, sample, a) * at(c, 1, sample, b);
    }
    return sum;
  });
}

}  // namespace

std::span<const Loop> matrix_product() {
  static const Loop all[] = {{"matrix_product", forward}};
  return all;
}

}  // namespace rectify::run::reference::ops
