#include <algorithm>
#include <cmath>

#include "rectify/run/cpu/loss.h"

namespace rectify::run::cpu::ops {

namespace {

/// Largest output and the sum of exp(z - largest); finite for any finite z.
struct Partition {
  float largest;
  float sum;
};

Partition partition(const Sample& s) {
  Partition p{s.z[0], 0};
  for (std::int64_t j = 1; j < s.outputs; ++j) p.largest = std::max(p.largest, s.z[j]);
  for (std::int64_t j = 0; j < s.outputs; ++j) p.sum += std::exp(s.z[j] - p.largest);
  return p;
}

// log(sum exp z) - sum t z; with number targets, t is a distribution over the classes.
double loss(const Sample& s) {
  const Partition p = partition(s);
  const double log_sum = static_cast<double>(p.largest) + std::log(static_cast<double>(p.sum));
  double value = 0;
  if (!s.values)
    value = log_sum - s.z[s.label];
  else
    for (std::int64_t j = 0; j < s.outputs; ++j) value += s.values[j] * (log_sum - s.z[j]);
  if (s.smoothing == 0) return value;
  double all = 0;
  for (std::int64_t j = 0; j < s.outputs; ++j) all += log_sum - s.z[j];
  return value + s.smoothing * (all / static_cast<double>(s.outputs) - value);
}

void gradient(const Sample& s, float scale, float* dz) {
  const Partition p = partition(s);
  for (std::int64_t j = 0; j < s.outputs; ++j) {
    float target = s.values ? s.values[j] : (j == s.label ? 1.0f : 0.0f);
    target += s.smoothing * (1 / static_cast<float>(s.outputs) - target);
    dz[j] = (std::exp(s.z[j] - p.largest) / p.sum - target) * scale;
  }
}

Step value(const Lowering& lowering) { return loss_step(lowering, loss); }
Step slope(const Lowering& lowering) { return loss_gradient_step(lowering, gradient); }

}  // namespace

std::span<const Kernel> softmax_cross_entropy() {
  static const Kernel all[] = {{"softmax_cross_entropy", value},
                               {"softmax_cross_entropy_gradient", slope}};
  return all;
}

}  // namespace rectify::run::cpu::ops
