#include <algorithm>

#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

// The inner loops go over consecutive numbers: several times faster than down the columns.

void forward(Context& c) {
  const std::int64_t in = c.shape(1)[0], out = c.shape(1)[1];
  for (std::int64_t b = 0; b < c.rows(); ++b) {
    const double *x = &c.in(0)[b * in], *w = c.in(1).data();
    double* y = &c.output[b * out];
    if (c.node.inputs.size() > 2) std::copy_n(c.in(2).data(), out, y);
    for (std::int64_t i = 0; i < in; ++i)
      for (std::int64_t o = 0; o < out; ++o) y[o] += x[i] * w[i * out + o];
  }
}

void input_gradient(Context& c) {
  const std::int64_t in = c.shape(1)[0], out = c.shape(1)[1];
  std::vector<double> turned(c.in(1).size());
  for (std::int64_t i = 0; i < in; ++i)
    for (std::int64_t o = 0; o < out; ++o) turned[o * in + i] = c.in(1)[i * out + o];
  for (std::int64_t b = 0; b < c.rows(); ++b) {
    const double *y = &c.in(0)[b * out], *w = turned.data();
    double* x = &c.output[b * in];
    for (std::int64_t o = 0; o < out; ++o)
      for (std::int64_t i = 0; i < in; ++i) x[i] += y[o] * w[o * in + i];
  }
}

void weight_gradient(Context& c) {
  const std::int64_t in = c.shape(0).back(), out = c.shape(1).back();
  for (std::int64_t b = 0; b < c.rows(); ++b) {
    const double *x = &c.in(0)[b * in], *y = &c.in(1)[b * out];
    double* w = c.output.data();
    for (std::int64_t i = 0; i < in; ++i)
      for (std::int64_t o = 0; o < out; ++o) w[i * out + o] += x[i] * y[o];
  }
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
