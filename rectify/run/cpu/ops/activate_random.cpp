// activate_random and its gradient: numbers addressed by (seed, the node's stream, step, element)
// for the row's varying kernels in training, the row's plain kernels in inference.

#include "rectify/activation/kernels.h"
#include "rectify/graph/activate.h"
#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/loops.h"
#include "rectify/run/dropout_mask.h"

namespace rectify::run::cpu::ops {

namespace {

/// The numbers of a node's elements.
struct Drawn {
  const RunState& state;
  std::uint32_t stream;
  bool normal;
  activation::Parameters range;

  explicit Drawn(const Lowering& l)
      : state(l.state),
        stream(node_stream(l.node.stream)),
        normal(graph::activation_row(l.node).varying == activation::Varying::normal),
        range(graph::activation_parameters(l.node)) {}

  /// Calls visit(first, count, numbers) for pieces of [first, first + n) that stay in cache.
  template <class Visit>
  void each(std::size_t first, std::size_t n, const Visit& visit) const {
    constexpr std::size_t piece = 1024;
    static_assert(piece % 4 == 0 && tile_elements % 4 == 0, "four numbers share a block of words");
    float a[piece];
    for (std::size_t end = first + n; first < end; first += piece) {
      const std::size_t count = std::min(piece, end - first);
      if (normal)
        loops().normal(a, first, count, state.seed, stream, state.step);
      else
        loops().uniform(a, first, count, state.seed, stream, state.step, range[0], range[1]);
      visit(first, count, a);
    }
  }
};

const activation::Kernels& kernels_of(const Lowering& l) {
  return activation::kernels(graph::activation_row(l.node));
}

Step forward(const Lowering& l) {
  const float* x = l.input<float>(0);
  if (!l.training)
    return [&threads = l.threads, x, y = l.output<float>(), size = l.output_size(),
            p = graph::activation_parameters(l.node), f = kernels_of(l).forward] {
      for_elements(threads, size,
                   [&](std::size_t first, std::size_t n) { f(x + first, y + first, n, p); });
    };
  return [&threads = l.threads, x, y = l.output<float>(), size = l.output_size(), drawn = Drawn(l),
          f = kernels_of(l).forward_varying] {
    for_elements(threads, size, [&](std::size_t tile, std::size_t elements) {
      drawn.each(tile, elements, [&](std::size_t first, std::size_t n, const float* a) {
        f(x + first, a, y + first, n);
      });
    });
  };
}

Step gradient(const Lowering& l) {
  const float *dy = l.input<float>(0), *x = l.input<float>(1);
  if (!l.training)
    return [&threads = l.threads, dy, x, dx = l.output<float>(), size = l.output_size(),
            p = graph::activation_parameters(l.node), f = kernels_of(l).backward] {
      for_elements(threads, size, [&](std::size_t first, std::size_t n) {
        f(x + first, dy + first, dx + first, n, p);
      });
    };
  return [&threads = l.threads, dy, x, dx = l.output<float>(), size = l.output_size(),
          drawn = Drawn(l), f = kernels_of(l).backward_varying] {
    for_elements(threads, size, [&](std::size_t tile, std::size_t elements) {
      drawn.each(tile, elements, [&](std::size_t first, std::size_t n, const float* a) {
        f(x + first, a, dy + first, dx + first, n);
      });
    });
  };
}

}  // namespace

std::span<const Kernel> activate_random() {
  static const Kernel all[] = {{"activate_random", forward},
                               {"activate_random_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::cpu::ops
