#include "rectify/run/cpu/norm/norm_steps.h"

namespace rectify::run::cpu::ops {

namespace {

Step forward(const Lowering& l) { return normalise_rows(l, norm_loops().layer_norm); }
Step gradient(const Lowering& l) { return gradient_of_rows(l, norm_loops().layer_norm_gradient); }
Step sums(const Lowering& l) { return sums_over_rows(l, norm_loops().layer_norm_numbers); }

}  // namespace

std::span<const Kernel> layer_norm() {
  static const Kernel all[] = {
      {.op = "layer_norm", .lower = forward, .hosts = true},
      {.op = "layer_norm_gradient", .lower = gradient, .hosts = true},
      {.op = "layer_norm_sums", .lower = sums},
  };
  return all;
}

}  // namespace rectify::run::cpu::ops
