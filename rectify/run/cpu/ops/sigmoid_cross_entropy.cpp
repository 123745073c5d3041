#include <algorithm>
#include <cmath>

#include "rectify/run/cpu/loss.h"

namespace rectify::run::cpu::ops {

namespace {

double loss(const Sample& s) {
  double sum = 0;
  for (std::int64_t j = 0; j < s.outputs; ++j) {
    const double z = s.z[j];
    sum += std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z))) - s.target(j) * z;
  }
  return sum;
}

void gradient(const Sample& s, float scale, float* dz) {
  for (std::int64_t j = 0; j < s.outputs; ++j) {
    const float small = std::exp(-std::abs(s.z[j]));
    const float sigmoid = (s.z[j] >= 0 ? 1.0f : small) / (1.0f + small);
    dz[j] = (sigmoid - s.target(j)) * scale;
  }
}

Step value(const Lowering& lowering) { return loss_step(lowering, loss); }
Step slope(const Lowering& lowering) { return loss_gradient_step(lowering, gradient); }

}  // namespace

std::span<const Kernel> sigmoid_cross_entropy() {
  static const Kernel all[] = {{"sigmoid_cross_entropy", value},
                               {"sigmoid_cross_entropy_gradient", slope}};
  return all;
}

}  // namespace rectify::run::cpu::ops
