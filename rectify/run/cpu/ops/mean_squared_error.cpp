#include <algorithm>
#include <cmath>

#include "rectify/run/cpu/loss.h"

namespace rectify::run::cpu::ops {

namespace {

double loss(const Sample& s) {
  double sum = 0;
  for (std::int64_t j = 0; j < s.outputs; ++j) {
    const double difference = static_cast<double>(s.z[j]) - s.target(j);
    sum += difference * difference;
  }
  return sum / static_cast<double>(s.outputs);
}

void gradient(const Sample& s, float scale, float* dz) {
  const float factor = 2 * scale / static_cast<float>(s.outputs);
  for (std::int64_t j = 0; j < s.outputs; ++j) dz[j] = (s.z[j] - s.target(j)) * factor;
}

Step value(const Lowering& lowering) { return loss_step(lowering, loss); }
Step slope(const Lowering& lowering) { return loss_gradient_step(lowering, gradient); }

}  // namespace

std::span<const Kernel> mean_squared_error() {
  static const Kernel all[] = {{"mean_squared_error", value},
                               {"mean_squared_error_gradient", slope}};
  return all;
}

}  // namespace rectify::run::cpu::ops
