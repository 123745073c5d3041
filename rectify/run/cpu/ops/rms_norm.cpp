#include "rectify/run/cpu/norm/norm_steps.h"

namespace rectify::run::cpu::ops {

namespace {

Step forward(const Lowering& l) { return normalise_rows(l, norm_loops().rms_norm); }
Step gradient(const Lowering& l) { return gradient_of_rows(l, norm_loops().rms_norm_gradient); }
Step scale_gradient(const Lowering& l) { return sums_over_rows(l, norm_loops().rms_norm_numbers); }

}  // namespace

std::span<const Kernel> rms_norm() {
  static const Kernel all[] = {
      {.op = "rms_norm", .lower = forward, .hosts = true},
      {.op = "rms_norm_gradient", .lower = gradient, .hosts = true},
      {.op = "rms_norm_scale_gradient", .lower = scale_gradient},
  };
  return all;
}

}  // namespace rectify::run::cpu::ops
