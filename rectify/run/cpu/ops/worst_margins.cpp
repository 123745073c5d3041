// Plain loops: a last layer has few outputs. Samples, or rows of the weight, are shared out.

#include <algorithm>
#include <cmath>

#include "rectify/run/cpu/kernel.h"

namespace rectify::run::cpu::ops {

namespace {

/// What the operators share: the weight (in, out) and the target of each sample.
struct Last {
  const float* weight;
  const std::int32_t* target;
  std::size_t in, out, batch;
};

/// Of a gradient, whose inputs are dy, W, t and more.
Last last_of(const Lowering& l, std::size_t weight, std::size_t target) {
  const Shape& shape = l.graph.input(l.node, weight).type.shape;
  return {l.input<float>(weight), l.input<std::int32_t>(target), static_cast<std::size_t>(shape[0]),
          static_cast<std::size_t>(shape[1]), static_cast<std::size_t>(l.batch)};
}

Step value(const Lowering& l) {
  return [&threads = l.threads, last = last_of(l, 2, 3), c = l.input<float>(0),
          r = l.input<float>(1), bias = l.inputs.size() > 4 ? l.input<float>(4) : nullptr,
          z = l.output<float>()] {
    for_rows(threads, last.batch, last.in * last.out, [&](std::size_t first, std::size_t count) {
      for (std::size_t b = first; b < first + count; ++b) {
        const auto t = static_cast<std::size_t>(last.target[b]);
        float* const to = z + b * last.out;
        for (std::size_t j = 0; j < last.out; ++j) to[j] = bias ? bias[j] - bias[t] : 0.0f;
        for (std::size_t i = 0; i < last.in; ++i) {
          const float* const w = last.weight + i * last.out;
          const float centre = c[b * last.in + i], radius = r[b * last.in + i];
          for (std::size_t j = 0; j < last.out; ++j) {
            const float difference = w[j] - w[t];
            to[j] += difference * centre + std::abs(difference) * radius;
          }
        }
      }
    });
  };
}

float signed_difference(float difference) { return difference; }
float size_of_difference(float difference) { return std::abs(difference); }

template <float (*part)(float difference)>
Step feature_gradient(const Lowering& l) {
  return [&threads = l.threads, last = last_of(l, 1, 2), dy = l.input<float>(0),
          dx = l.output<float>()] {
    for_rows(threads, last.batch, last.in * last.out, [&](std::size_t first, std::size_t count) {
      for (std::size_t b = first; b < first + count; ++b) {
        const auto t = static_cast<std::size_t>(last.target[b]);
        for (std::size_t i = 0; i < last.in; ++i) {
          const float* const w = last.weight + i * last.out;
          float sum = 0;
          for (std::size_t j = 0; j < last.out; ++j)
            sum += dy[b * last.out + j] * part(w[j] - w[t]);
          dx[b * last.in + i] = sum;
        }
      }
    });
  };
}

Step weight_gradient(const Lowering& l) {
  return [&threads = l.threads, last = last_of(l, 1, 2), dy = l.input<float>(0),
          c = l.input<float>(3), r = l.input<float>(4), dw = l.output<float>()] {
    for_rows(threads, last.in, last.batch * last.out, [&](std::size_t first, std::size_t count) {
      std::fill_n(dw + first * last.out, count * last.out, 0.0f);
      for (std::size_t b = 0; b < last.batch; ++b) {
        const auto t = static_cast<std::size_t>(last.target[b]);
        for (std::size_t i = first; i < first + count; ++i) {
          const float* const w = last.weight + i * last.out;
          const float centre = c[b * last.in + i], radius = r[b * last.in + i];
          float* const to = dw + i * last.out;
          float sum = 0;
          for (std::size_t j = 0; j < last.out; ++j) {
            if (j == t) continue;
            const float sign = static_cast<float>((w[j] > w[t]) - (w[j] < w[t]));
            const float part = dy[b * last.out + j] * (centre + sign * radius);
            to[j] += part;
            sum += part;
          }
          to[t] -= sum;
        }
      }
    });
  };
}

Step bias_gradient(const Lowering& l) {
  return [dy = l.input<float>(0), target = l.input<std::int32_t>(1), db = l.output<float>(),
          out = static_cast<std::size_t>(l.node.type.shape[0]),
          batch = static_cast<std::size_t>(l.batch)] {
    std::fill_n(db, out, 0.0f);
    for (std::size_t b = 0; b < batch; ++b) {
      const auto t = static_cast<std::size_t>(target[b]);
      for (std::size_t j = 0; j < out; ++j) {
        db[j] += dy[b * out + j];
        db[t] -= dy[b * out + j];
      }
    }
  };
}

}  // namespace

std::span<const Kernel> worst_margins() {
  static const Kernel all[] = {
      {.op = "worst_margins", .lower = value},
      {.op = "worst_margins_centre_gradient", .lower = feature_gradient<signed_difference>},
      {.op = "worst_margins_radius_gradient", .lower = feature_gradient<size_of_difference>},
      {.op = "worst_margins_weight_gradient", .lower = weight_gradient},
      {.op = "worst_margins_bias_gradient", .lower = bias_gradient}};
  return all;
}

}  // namespace rectify::run::cpu::ops
