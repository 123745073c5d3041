#include "rectify/run/cpu/pool.h"

namespace rectify::run::cpu::ops {

namespace {

Step forward(const Lowering& l) {
  return pool_step(l, whole_image(l.graph.input(l.node, 0).type.shape), pool_loops().mean);
}

Step gradient(const Lowering& l) {
  return pool_gradient_step(l, whole_image(l.node.type.shape), pool_loops().mean_gradient);
}

}  // namespace

std::span<const Kernel> global_avg_pool() {
  static const Kernel all[] = {
      {.op = "global_avg_pool", .lower = forward, .hosts = true},
      {.op = "global_avg_pool_gradient", .lower = gradient, .hosts = true}};
  return all;
}

}  // namespace rectify::run::cpu::ops
