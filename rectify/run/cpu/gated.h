#pragma once

#include <algorithm>
#include <cmath>
#include <string_view>

#include "rectify/graph/sequence.h"
#include "rectify/run/cpu/product/product.h"
#include "rectify/run/cpu/samples.h"
#include "rectify/run/cpu/scratch.h"

namespace rectify::run::cpu {

inline float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

/// The transpose of a row-major rows x columns matrix.
inline Matrix transposed(float* m, std::int64_t rows, std::int64_t columns) {
  return columns == 1 ? matrix(m, 1, rows) : matrix(m, rows, columns).transposed();
}

/// What lstm and gru share: where their inputs are, and the order of the places.
struct Gated {
  graph::SequenceSizes sizes;
  std::int64_t gates;
  bool reverse;  ///< whether the only direction is from the last place on
  std::vector<float*> from;
  std::vector<std::size_t> stride;
  float* y;
  std::size_t samples, sample;

  Gated(const Lowering& l, std::int64_t gate_count, std::size_t states)
      : sizes(graph::sequence_sizes(l.graph, l.node, gate_count, states)),
        gates(gate_count),
        reverse(l.node.attributes.word("direction") == "reverse"),
        y(l.output<float>()),
        samples(samples_of(l)),
        sample(static_cast<std::size_t>(l.node.type.shape.size())) {
    for (std::size_t i = 0; i < l.inputs.size(); ++i) {
      from.push_back(l.input<float>(i));
      stride.push_back(sample_stride(l, i));
    }
    announce_scratch(ScratchUse::states, scratch());
  }

  std::int64_t width() const { return gates * sizes.units; }
  /// Numbers of a state: all sequences of one direction.
  std::int64_t state() const { return sizes.sequences * sizes.units; }
  std::size_t scratch() const {
    return static_cast<std::size_t>((sizes.places + 1) * sizes.sequences * width() + 2 * state());
  }

  /// The part of input i that belongs to a sample and a direction.
  float* part(std::size_t i, std::size_t of, std::int64_t direction, std::int64_t size) const {
    return from[i] + of * stride[i] + direction * size;
  }
  float* at(std::size_t of, std::int64_t place, std::int64_t direction) const {
    return y + of * sample + (place * sizes.directions + direction) * state();
  }
  /// The t-th place in the order of a direction.
  std::int64_t place(std::int64_t t, std::int64_t direction) const {
    return reverse || direction == 1 ? sizes.places - 1 - t : t;
  }

  /// Writes x W and the biases of W, and of R too for the first `with_r` gates, for all places.
  void inputs(float* g, std::size_t of, std::int64_t direction, std::int64_t with_r) const {
    const std::int64_t rows = sizes.places * sizes.sequences, w = width();
    const float* const b = part(3, of, direction, 2 * w);
    for (std::int64_t row = 0; row < rows; ++row)
      for (std::int64_t j = 0; j < w; ++j)
        g[row * w + j] = b[j] + (j < with_r * sizes.units ? b[w + j] : 0.0f);
    multiply_add(matrix(part(0, of, 0, 0), rows, sizes.inputs),
                 transposed(part(1, of, direction, w * sizes.inputs), w, sizes.inputs),
                 matrix(g, rows, w));
  }

  /// Adds h R of `count` gates from gate `first` on to g, N x kH of which these columns are meant.
  void recur(float* h, float* g, std::size_t of, std::int64_t direction, std::int64_t first,
             std::int64_t count) const {
    const std::int64_t h_size = sizes.units;
    float* const r = part(2, of, direction, width() * h_size) + first * h_size * h_size;
    multiply_add(matrix(h, sizes.sequences, h_size), transposed(r, count * h_size, h_size),
                 matrix(g + first * h_size, sizes.sequences, count * h_size, width()));
  }
};

/// A step that calls work(sample, direction) for each.
template <class Work>
Step each_direction(const Lowering& l, Gated gated, Work work) {
  return [&threads = l.threads, gated, work] {
    const auto directions = static_cast<std::size_t>(gated.sizes.directions);
    threads.run(gated.samples * directions, [&](std::size_t i) {
      work(gated, i / directions, static_cast<std::int64_t>(i % directions),
           scratch_of_thread(ScratchUse::states, gated.scratch()));
    });
  };
}

}  // namespace rectify::run::cpu
