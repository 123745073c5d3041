// unit_mean, unit_sample: the loops of activation/unit.h, with random numbers addressed by (seed,
// the node's stream, step, element).

#include "rectify/activation/unit.h"

#include <cmath>
#include <limits>

#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/loops.h"
#include "rectify/run/dropout_mask.h"

namespace rectify::run::cpu::ops {

namespace {

struct Layer {
  const activation::Unit& unit;
  int copies;

  explicit Layer(const Lowering& l)
      : unit(activation::unit(l.node.attributes.word("unit"))),
        copies(static_cast<int>(l.node.attributes.integer("copies"))) {}
};

Piece mean(const Lowering& l) {
  return [x = l.input<float>(0), y = l.output<float>(), layer = Layer(l),
          f = activation::kernels(Layer(l).unit).mean](std::size_t first, std::size_t n) {
    f(x + first, y + first, n, layer.copies);
  };
}

/// Numbers [first, first + n) of a node, one set of `size` for each copy.
void draw(bool normal, float* drawn, std::size_t first, std::size_t n, const RunState& state,
          std::uint32_t stream) {
  if (normal)
    loops().normal(drawn, first, n, state.seed, stream, state.step);
  else
    loops().uniform(drawn, first, n, state.seed, stream, state.step, 0, 1);
}

Step sample_each(const Lowering& l) {
  const Layer layer(l);
  const std::size_t size = l.output_size(), set = (size + 3) / 4 * 4;
  return [&threads = l.threads, &state = l.state, x = l.input<float>(0), y = l.output<float>(),
          size, set, stream = node_stream(l.node.stream), copies = layer.copies,
          draws = draws_of(layer.unit, layer.copies),
          normal = layer.unit.draws == activation::Draws::normal,
          sample = activation::kernels(layer.unit).sample] {
    for_elements(threads, size, [&](std::size_t tile, std::size_t elements) {
      constexpr std::size_t piece = 1024;
      float drawn[piece];
      for (std::size_t first = tile; first < tile + elements; first += piece) {
        const std::size_t n = std::min(piece, tile + elements - first);
        if (draws > 1) std::fill_n(y + first, n, 0.0f);
        for (int copy = 0; copy < draws; ++copy) {
          draw(normal, drawn, first + static_cast<std::size_t>(copy) * set, n, state, stream);
          sample(x + first, drawn, y + first, n, copy, copies);
        }
      }
    });
  };
}

/// The largest of x[i] + g[i], g[i] = -ln(-ln u) of a uniform number u: in proportion to exp(x[i])
/// (Gumbel's trick; Yellott 1977).
std::size_t winner(const float* x, const float* u, std::size_t n) {
  std::size_t best = 0;
  double most = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < n; ++i) {
    const double score = x[i] - std::log(-std::log(std::min<double>(u[i], 1 - 1e-9)));
    if (score > most) most = score, best = i;
  }
  return best;
}

Step sample_one(const Lowering& l) {
  const auto width = static_cast<std::size_t>(l.node.type.shape.back());
  const std::size_t rows = l.output_size() / width, apart = (width + 3) / 4 * 4;
  std::vector<std::vector<float>> drawn(static_cast<std::size_t>(l.threads.threads()),
                                        std::vector<float>(width));
  return [&threads = l.threads, &state = l.state, x = l.input<float>(0), y = l.output<float>(),
          width, rows, apart, stream = node_stream(l.node.stream), drawn]() mutable {
    for_rows(threads, rows, width, [&](std::size_t first, std::size_t n, std::size_t thread) {
      for (std::size_t r = first; r < first + n; ++r) {
        draw(false, drawn[thread].data(), r * apart, width, state, stream);
        std::fill_n(y + r * width, width, 0.0f);
        y[r * width + winner(x + r * width, drawn[thread].data(), width)] = 1;
      }
    });
  };
}

Step sample(const Lowering& l) {
  return Layer(l).unit.draws == activation::Draws::one_of_all ? sample_one(l) : sample_each(l);
}

bool has_zeros(const graph::Graph&, const graph::Node& node) {
  return activation::unit(node.attributes.word("unit")).has_zeros;
}

}  // namespace

std::span<const Kernel> unit() {
  static const Kernel all[] = {{.op = "unit_mean", .piece = mean},
                               {.op = "unit_sample", .lower = sample, .sparse = has_zeros}};
  return all;
}

}  // namespace rectify::run::cpu::ops
