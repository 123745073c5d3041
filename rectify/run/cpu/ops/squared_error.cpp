#include "rectify/run/cpu/loss.h"

namespace rectify::run::cpu::ops {

namespace {

double loss(const Sample& s) {
  double sum = 0;
  for (std::int64_t j = 0; j < s.outputs; ++j) {
    const double difference = static_cast<double>(s.z[j]) - s.target(j);
    sum += difference * difference;
  }
  return sum;
}

void gradient(const Sample& s, float scale, float* dz) {
  for (std::int64_t j = 0; j < s.outputs; ++j) dz[j] = (s.z[j] - s.target(j)) * 2 * scale;
}

Step value(const Lowering& lowering) { return loss_step(lowering, loss); }
Step slope(const Lowering& lowering) { return loss_gradient_step(lowering, gradient); }

}  // namespace

std::span<const Kernel> squared_error() {
  static const Kernel all[] = {{"squared_error", value}, {"squared_error_gradient", slope}};
  return all;
}

}  // namespace rectify::run::cpu::ops
