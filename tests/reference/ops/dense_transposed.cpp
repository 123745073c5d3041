#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

void forward(Context& c) {
  const std::int64_t out = c.shape(1)[0], in = c.shape(1)[1];
  for (std::int64_t b = 0; b < c.rows(); ++b)
    for (std::int64_t o = 0; o < out; ++o) {
      double sum = c.node.inputs.size() > 2 ? c.in(2)[o] : 0;
      for (std::int64_t i = 0; i < in; ++i) sum += c.in(0)[b * in + i] * c.in(1)[o * in + i];
      c.output[b * out + o] = sum;
    }
}

}  // namespace

std::span<const Loop> dense_transposed() {
  static const Loop all[] = {{"dense_transposed", forward}};
  return all;
}

}  // namespace rectify::run::reference::ops
