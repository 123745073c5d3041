#include <cmath>

#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

/// W_ij - W_it for the sample b.
double difference(const Context& c, std::size_t weight, std::size_t target, std::int64_t b,
                  std::int64_t i, std::int64_t j) {
  const std::int64_t out = c.shape(weight)[1];
  const auto t = static_cast<std::int64_t>(c.in(target)[b]);
  return c.in(weight)[i * out + j] - c.in(weight)[i * out + t];
}

void value(Context& c) {
  const std::int64_t in = c.shape(2)[0], out = c.shape(2)[1];
  for (std::int64_t b = 0; b < c.batch; ++b)
    for (std::int64_t j = 0; j < out; ++j) {
      const auto t = static_cast<std::int64_t>(c.in(3)[b]);
      double sum = c.node.inputs.size() > 4 ? c.in(4)[j] - c.in(4)[t] : 0;
      for (std::int64_t i = 0; i < in; ++i) {
        const double d = difference(c, 2, 3, b, i, j);
        // The end of the interval at which the product is largest.
        const double low = c.in(0)[b * in + i] - c.in(1)[b * in + i];
        const double high = c.in(0)[b * in + i] + c.in(1)[b * in + i];
        sum += std::max(d * low, d * high);
      }
      c.output[b * out + j] = sum;
    }
}

void centre_gradient(Context& c) {
  const std::int64_t in = c.shape(1)[0], out = c.shape(1)[1];
  for (std::int64_t b = 0; b < c.batch; ++b)
    for (std::int64_t i = 0; i < in; ++i)
      for (std::int64_t j = 0; j < out; ++j)
        c.output[b * in + i] += c.in(0)[b * out + j] * difference(c, 1, 2, b, i, j);
}

void radius_gradient(Context& c) {
  const std::int64_t in = c.shape(1)[0], out = c.shape(1)[1];
  for (std::int64_t b = 0; b < c.batch; ++b)
    for (std::int64_t i = 0; i < in; ++i)
      for (std::int64_t j = 0; j < out; ++j)
        c.output[b * in + i] += c.in(0)[b * out + j] * std::abs(difference(c, 1, 2, b, i, j));
}

void weight_gradient(Context& c) {
  const std::int64_t in = c.shape(1)[0], out = c.shape(1)[1];
  for (std::int64_t b = 0; b < c.batch; ++b)
    for (std::int64_t i = 0; i < in; ++i)
      for (std::int64_t j = 0; j < out; ++j) {
        const auto t = static_cast<std::int64_t>(c.in(2)[b]);
        const double d = difference(c, 1, 2, b, i, j);
        const double end = c.in(3)[b * in + i] + (d > 0 ? 1 : d < 0 ? -1 : 0) * c.in(4)[b * in + i];
        c.output[i * out + j] += c.in(0)[b * out + j] * end;
        c.output[i * out + t] -= c.in(0)[b * out + j] * end;
      }
}

void bias_gradient(Context& c) {
  const std::int64_t out = c.shape(0).back();
  for (std::int64_t b = 0; b < c.batch; ++b)
    for (std::int64_t j = 0; j < out; ++j) {
      c.output[j] += c.in(0)[b * out + j];
      c.output[static_cast<std::int64_t>(c.in(1)[b])] -= c.in(0)[b * out + j];
    }
}

}  // namespace

std::span<const Loop> worst_margins() {
  static const Loop all[] = {{"worst_margins", value},
                             {"worst_margins_centre_gradient", centre_gradient},
                             {"worst_margins_radius_gradient", radius_gradient},
                             {"worst_margins_weight_gradient", weight_gradient},
                             {"worst_margins_bias_gradient", bias_gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
