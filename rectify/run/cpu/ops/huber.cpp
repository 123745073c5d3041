#include <cmath>

#include "rectify/run/cpu/loss.h"

namespace rectify::run::cpu::ops {

namespace {

double loss(const Sample& s) {
  double sum = 0;
  for (std::int64_t j = 0; j < s.outputs; ++j) {
    const double d = std::abs(static_cast<double>(s.z[j]) - s.target(j));
    sum += d > 1 ? d - 0.5 : d * d / 2;
  }
  return sum / static_cast<double>(s.outputs);
}

void gradient(const Sample& s, float scale, float* dz) {
  const float factor = scale / static_cast<float>(s.outputs);
  for (std::int64_t j = 0; j < s.outputs; ++j) {
    const float d = s.z[j] - s.target(j);
    dz[j] = (d > 1 ? 1 : d < -1 ? -1 : d) * factor;
  }
}

Step value(const Lowering& lowering) { return loss_step(lowering, loss); }
Step slope(const Lowering& lowering) { return loss_gradient_step(lowering, gradient); }

}  // namespace

std::span<const Kernel> huber() {
  static const Kernel all[] = {{"huber", value}, {"huber_gradient", slope}};
  return all;
}

}  // namespace rectify::run::cpu::ops
