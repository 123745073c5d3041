#include "rectify/run/cpu/norm/softmax_steps.h"

namespace rectify::run::cpu::ops {

namespace {

Step forward(const Lowering& l) { return over_rows(l, softmax_loops().softmax); }
Step gradient(const Lowering& l) { return over_rows(l, softmax_loops().softmax_gradient); }

}  // namespace

std::span<const Kernel> softmax() {
  static const Kernel all[] = {{"softmax", forward}, {"softmax_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::cpu::ops
