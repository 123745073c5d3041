#include <algorithm>
#include <cmath>

#include "rectify/run/cpu/loss.h"

namespace rectify::run::cpu::ops {

namespace {

/// -1 or 1: the side that a single output should be on.
float side(const Sample& s) { return s.target(0) > 0.5f ? 1.0f : -1.0f; }

/// Whether output j violates the margin to the right class.
bool violates(const Sample& s, std::int64_t j) {
  return j != s.label && 1 + s.z[j] - s.z[s.label] > 0;
}

double loss(const Sample& s) {
  if (s.outputs == 1) return std::max(0.0f, 1 - side(s) * s.z[0]);
  double sum = 0;
  for (std::int64_t j = 0; j < s.outputs; ++j)
    if (j != s.label) {
      const double margin = 1 + static_cast<double>(s.z[j]) - s.z[s.label];
      if (!(margin <= 0)) sum += margin;  // counts NaN, so that a broken network is noticed
    }
  return sum;
}

void gradient(const Sample& s, float scale, float* dz) {
  if (s.outputs == 1) {
    dz[0] = 1 - side(s) * s.z[0] > 0 ? -side(s) * scale : 0.0f;
    return;
  }
  int violations = 0;
  for (std::int64_t j = 0; j < s.outputs; ++j) {
    dz[j] = violates(s, j) ? scale : 0.0f;
    violations += violates(s, j);
  }
  dz[s.label] = -scale * static_cast<float>(violations);
}

Step value(const Lowering& lowering) { return loss_step(lowering, loss); }
Step slope(const Lowering& lowering) { return loss_gradient_step(lowering, gradient); }

}  // namespace

std::span<const Kernel> hinge() {
  static const Kernel all[] = {{"hinge", value}, {"hinge_gradient", slope}};
  return all;
}

}  // namespace rectify::run::cpu::ops
