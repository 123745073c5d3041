// The loops of the rows softplus and sigmoid do what is slow: an autoencoder has a loss for each
// pixel.

#include <algorithm>
#include <cmath>

#include "rectify/activation/kernels.h"
#include "rectify/run/cpu/loss.h"

namespace rectify::run::cpu::ops {

namespace {

void by_row(const activation::Row& row, const float* x, float* y, std::int64_t n) {
  activation::kernels(row).forward(x, y, static_cast<std::size_t>(n), row.defaults());
}

/// max(z, 0) - t z + softplus(-|z|): what is near 0 keeps its digits.
double loss(const Sample& s) {
  static const activation::Row& softplus = activation::find("softplus");
  constexpr std::int64_t piece = 512;
  float soft[piece];
  double sum = 0;
  for (std::int64_t first = 0; first < s.outputs; first += piece) {
    const std::int64_t n = std::min(piece, s.outputs - first);
    const float* const z = s.z + first;
    for (std::int64_t j = 0; j < n; ++j) soft[j] = -std::abs(z[j]);
    by_row(softplus, soft, soft, n);
    for (std::int64_t j = 0; j < n; ++j)
      sum += std::max<double>(z[j], 0) + soft[j] - s.target(first + j) * static_cast<double>(z[j]);
  }
  return sum;
}

void gradient(const Sample& s, float scale, float* dz) {
  static const activation::Row& sigmoid = activation::find("sigmoid");
  by_row(sigmoid, s.z, dz, s.outputs);
  for (std::int64_t j = 0; j < s.outputs; ++j) dz[j] = (dz[j] - s.target(j)) * scale;
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
