#include "rectify/run/cpu/pool.h"

namespace rectify::run::cpu::ops {

namespace {

PoolSize size_of(const Lowering& l, const Shape& image) {
  return pool_size(graph::window_of(l.node.attributes, image), image.back());
}

Step forward(const Lowering& l) {
  return pool_step(l, size_of(l, l.graph.input(l.node, 0).type.shape), pool_loops().largest);
}

Step gradient(const Lowering& l) {
  return pool_gradient_step(l, size_of(l, l.node.type.shape), pool_loops().largest_gradient);
}

}  // namespace

std::span<const Kernel> max_pool() {
  static const Kernel all[] = {{.op = "max_pool", .lower = forward, .hosts = true},
                               {.op = "max_pool_gradient", .lower = gradient, .hosts = true}};
  return all;
}

}  // namespace rectify::run::cpu::ops
