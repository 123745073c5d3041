#include "rectify/run/cpu/pool.h"
#include "rectify/run/cpu/sparse/choose.h"

namespace rectify::run::cpu::ops {

namespace {

PoolSize size_of(const Lowering& l, const Shape& image) {
  return pool_size(graph::window_of(l.node.attributes, image), image.back());
}

Step forward(const Lowering& l) {
  const PoolSize size = size_of(l, l.graph.input(l.node, 0).type.shape);
  return l.narrow_input(0) ? pool_step(l, size, pool_loops().largest_bfloat16)
                           : pool_step(l, size, pool_loops().largest);
}

Step gradient(const Lowering& l) {
  const PoolSize size = size_of(l, l.node.type.shape);
  return l.narrow_input(1) ? pool_gradient_step(l, size, pool_loops().largest_gradient_bfloat16)
                           : pool_gradient_step(l, size, pool_loops().largest_gradient);
}

/// Where windows overlap, gradients meet in a sum, which is one of floats.
template <pass::Narrow when, std::size_t image>
pass::Narrow if_windows_are_apart(const graph::Graph& graph, const graph::Node& node) {
  const graph::Window w = graph::window_of(node.attributes, graph.input(node, image).type.shape);
  return w.y.stride >= w.y.size && w.x.stride >= w.x.size ? when : pass::Narrow::never;
}

/// Of each window one pixel has a gradient.
bool leaves_zeros(const graph::Graph&, const graph::Node& node) {
  const graph::Window w = graph::window_of(node.attributes, node.type.shape);
  return w.y.stride * w.x.stride > 1;
}

}  // namespace

std::span<const Kernel> max_pool() {
  static const Kernel all[] = {{.op = "max_pool",
                                .lower = forward,
                                .hosts = true,
                                .sparse = as_sparse_as_input,
                                .narrow = if_windows_are_apart<pass::Narrow::first, 0>},
                               {.op = "max_pool_gradient",
                                .lower = gradient,
                                .hosts = true,
                                .sparse = leaves_zeros,
                                .narrow = if_windows_are_apart<pass::Narrow::second, 1>}};
  return all;
}

}  // namespace rectify::run::cpu::ops
