#include "rectify/run/cpu/norm/top_k.h"

#include "rectify/graph/selection.h"
#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/scratch.h"

namespace rectify::run::cpu::ops {

namespace {

Step forward(const Lowering& l) {
  const auto width = static_cast<std::size_t>(graph::last_extent(l.graph, l.node.inputs[0]));
  constexpr std::size_t a_vector = 16;
  announce_scratch(ScratchUse::tile, width + a_vector);
  return
      [&threads = l.threads, x = l.input<float>(0), y = l.output<float>(), size = l.output_size(),
       width, keep = static_cast<std::size_t>(graph::kept_in_row(l.graph, l.node))] {
        for_rows(threads, size / width, width, [&](std::size_t row, std::size_t rows) {
          float* const list = scratch_of_thread(ScratchUse::tile, width + a_vector);
          top_k_loops().top_k(x + row * width, y + row * width, rows, width, keep, list);
        });
      };
}

Piece gradient(const Lowering& l) {
  return [dy = l.input<float>(0), y = l.input<float>(1), dx = l.output<float>()](std::size_t first,
                                                                                 std::size_t n) {
    top_k_loops().gradient(y + first, dy + first, dx + first, n);
  };
}

bool has_zeros(const graph::Graph&, const graph::Node&) { return true; }

}  // namespace

std::span<const Kernel> top_k() {
  static const Kernel all[] = {{.op = "top_k", .lower = forward, .sparse = has_zeros},
                               {.op = "top_k_gradient", .piece = gradient, .sparse = has_zeros}};
  return all;
}

}  // namespace rectify::run::cpu::ops
