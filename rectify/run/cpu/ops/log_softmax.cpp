#include "rectify/run/cpu/norm/softmax_steps.h"

namespace rectify::run::cpu::ops {

namespace {

Step forward(const Lowering& l) { return over_rows(l, softmax_loops().log_softmax); }
Step gradient(const Lowering& l) { return over_rows(l, softmax_loops().log_softmax_gradient); }

}  // namespace

std::span<const Kernel> log_softmax() {
  static const Kernel all[] = {{"log_softmax", forward}, {"log_softmax_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::cpu::ops
