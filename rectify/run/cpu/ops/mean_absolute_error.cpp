#include <cmath>

#include "rectify/run/cpu/loss.h"

namespace rectify::run::cpu::ops {

namespace {

double loss(const Sample& s) {
  double sum = 0;
  for (std::int64_t j = 0; j < s.outputs; ++j)
    sum += std::abs(static_cast<double>(s.z[j]) - s.target(j));
  return sum / static_cast<double>(s.outputs);
}

void gradient(const Sample& s, float scale, float* dz) {
  const float step = scale / static_cast<float>(s.outputs);
  for (std::int64_t j = 0; j < s.outputs; ++j) {
    const float d = s.z[j] - s.target(j);
    dz[j] = d > 0 ? step : d < 0 ? -step : d * step;  // the last is 0, or NaN
  }
}

Step value(const Lowering& lowering) { return loss_step(lowering, loss); }
Step slope(const Lowering& lowering) { return loss_gradient_step(lowering, gradient); }

}  // namespace

std::span<const Kernel> mean_absolute_error() {
  static const Kernel all[] = {{"mean_absolute_error", value},
                               {"mean_absolute_error_gradient", slope}};
  return all;
}

}  // namespace rectify::run::cpu::ops
