#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

void forward(Context& c) {
  const std::int64_t in = c.shape(1)[0], out = c.shape(1)[1];
  for (std::int64_t b = 0; b < c.rows(); ++b)
    for (std::int64_t o = 0; o < out; ++o) {
      double sum = c.node.inputs.size() > 2 ? c.in(2)[o] : 0;
      for (std::int64_t i = 0; i < in; ++i) sum += c.in(0)[b * in + i] * c.in(1)[i * out + o];
      c.output[b * out + o] = sum;
    }
}

void input_gradient(Context& c) {
  const std::int64_t in = c.shape(1)[0], out = c.shape(1)[1];
  for (std::int64_t b = 0; b < c.rows(); ++b)
    for (std::int64_t i = 0; i < in; ++i)
      for (std::int64_t o = 0; o < out; ++o)
        c.output[b * in + i] += c.in(0)[b * out + o] * c.in(1)[i * out + o];
}

void weight_gradient(Context& c) {
  const std::int64_t in = c.shape(0).back(), out = c.shape(1).back();
  for (std::int64_t b = 0; b < c.rows(); ++b)
    for (std::int64_t i = 0; i < in; ++i)
      for (std::int64_t o = 0; o < out; ++o)
        c.output[i * out + o] += c.in(0)[b * in + i] * c.in(1)[b * out + o];
}

void bias_gradient(Context& c) {
  const std::int64_t out = c.shape(0).back();
  for (std::int64_t b = 0; b < c.rows(); ++b)
    for (std::int64_t o = 0; o < out; ++o) c.output[o] += c.in(0)[b * out + o];
}

}  // namespace

std::span<const Loop> dense() {
  static const Loop all[] = {{"dense", forward},
                             {"dense_input_gradient", input_gradient},
                             {"dense_weight_gradient", weight_gradient},
                             {"dense_bias_gradient", bias_gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
