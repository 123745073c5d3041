#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/loops.h"

namespace rectify::run::cpu::ops {

namespace {

/// Rows of `pieces` pieces of `n` elements each.
struct Pieces {
  std::size_t rows, pieces, n;

  Pieces(const Lowering& l, std::size_t input)
      : pieces(static_cast<std::size_t>(l.node.attributes.integer("pieces"))),
        n(static_cast<std::size_t>(graph::last_extent(l.graph, l.node.inputs[input])) / pieces) {
    rows = l.input_size(input) / (pieces * n);
  }

  /// Calls work(first element of the row in x, in y) for every row.
  template <class Work>
  void each(ThreadPool& threads, const Work& work) const {
    for_rows(threads, rows, pieces * n, [&](std::size_t first, std::size_t count) {
      for (std::size_t row = first; row < first + count; ++row) work(row * pieces * n, row * n);
    });
  }
};

Step forward(const Lowering& l) {
  return [&threads = l.threads, x = l.input<float>(0), y = l.output<float>(), p = Pieces(l, 0)] {
    p.each(threads, [&](std::size_t in, std::size_t out) {
      loops().largest(x + in, y + out, p.n, p.pieces, p.n);
    });
  };
}

Step gradient(const Lowering& l) {
  return [&threads = l.threads, dy = l.input<float>(0), x = l.input<float>(1),
          dx = l.output<float>(), p = Pieces(l, 1)] {
    p.each(threads, [&](std::size_t in, std::size_t out) {
      loops().largest_gradient(x + in, dy + out, dx + in, p.n, p.pieces, p.n);
    });
  };
}

}  // namespace

std::span<const Kernel> maxout() {
  static const Kernel all[] = {{"maxout", forward}, {"maxout_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::cpu::ops
