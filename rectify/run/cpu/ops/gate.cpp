// gate and its gradient: the row's kernels on the halves of each row, in pieces that stay in the
// first cache between two passes.

#include "rectify/activation/kernels.h"
#include "rectify/graph/activate.h"
#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/loops.h"

namespace rectify::run::cpu::ops {

namespace {

/// Where the halves a (of f) and b of a row stand, and how the rows are dealt out.
struct Halves {
  std::size_t rows, half, a, b;

  Halves(const Lowering& l, std::size_t input)
      : half(static_cast<std::size_t>(graph::last_extent(l.graph, l.node.inputs[input])) / 2),
        a(l.node.attributes.word("gate") == "first" ? 0 : half),
        b(half - a) {
    rows = l.input_size(input) / (2 * half);
  }

  /// Calls work(first element of the row in x, in y, elements) for pieces of every row.
  template <class Work>
  void each(ThreadPool& threads, const Work& work) const {
    constexpr std::size_t piece = 1024;
    for_rows(threads, rows, 2 * half, [&](std::size_t first, std::size_t count) {
      for (std::size_t row = first; row < first + count; ++row)
        for (std::size_t at = 0; at < half; at += piece)
          work(row * 2 * half + at, row * half + at, std::min(piece, half - at));
    });
  }
};

const activation::Kernels& kernels_of(const Lowering& l) {
  return activation::kernels(graph::activation_row(l.node));
}

Step forward(const Lowering& l) {
  return [&threads = l.threads, x = l.input<float>(0), y = l.output<float>(), halves = Halves(l, 0),
          p = graph::activation_parameters(l.node), f = kernels_of(l).forward] {
    halves.each(threads, [&](std::size_t in, std::size_t out, std::size_t n) {
      f(x + in + halves.a, y + out, n, p);
      loops().multiply(y + out, x + in + halves.b, y + out, n);
    });
  };
}

Step gradient(const Lowering& l) {
  return [&threads = l.threads, dy = l.input<float>(0), x = l.input<float>(1),
          dx = l.output<float>(), halves = Halves(l, 1), p = graph::activation_parameters(l.node),
          f = kernels_of(l).forward, slope = kernels_of(l).backward] {
    halves.each(threads, [&](std::size_t in, std::size_t out, std::size_t n) {
      const float *a = x + in + halves.a, *b = x + in + halves.b;
      float *da = dx + in + halves.a, *db = dx + in + halves.b;
      f(a, db, n, p);
      loops().multiply(db, dy + out, db, n);
      loops().multiply(dy + out, b, da, n);
      slope(a, da, da, n, p);
    });
  };
}

}  // namespace

std::span<const Kernel> gate() {
  static const Kernel all[] = {{"gate", forward}, {"gate_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::cpu::ops
