// recurrent and its gradient: a tile of samples goes through all places on one thread, a product
// for each place.

#include <algorithm>

#include "rectify/activation/kernels.h"
#include "rectify/graph/activate.h"
#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/product/product.h"
#include "rectify/run/cpu/scratch.h"

namespace rectify::run::cpu::ops {

namespace {

/// Sequences of a tile: enough for the products to be fast, few enough for two threads to have
/// work.
constexpr std::size_t sequences_a_tile = 16;

/// Values (sequences, T, H), batch and leading axes in one.
struct Sequences {
  std::size_t count, places, units;

  explicit Sequences(const Lowering& l)
      : places(static_cast<std::size_t>(l.node.type.shape[l.node.type.shape.rank() - 2])),
        units(static_cast<std::size_t>(l.node.type.shape.back())) {
    count = l.output_size() / (places * units);
  }

  std::size_t sequence() const { return places * units; }

  /// The t-th places of n sequences, of which the first begins at `values`.
  Matrix at(float* values, std::size_t t, std::size_t n) const {
    return matrix(values + t * units, static_cast<std::int64_t>(n),
                  static_cast<std::int64_t>(units), static_cast<std::int64_t>(sequence()));
  }

  /// Calls work(first, n) for tiles of sequences, which depend on their number alone.
  template <class Work>
  void each_tile(ThreadPool& threads, const Work& work) const {
    threads.run((count + sequences_a_tile - 1) / sequences_a_tile, [&](std::size_t tile) {
      const std::size_t first = tile * sequences_a_tile;
      work(first, std::min(sequences_a_tile, count - first));
    });
  }

  Matrix weight(float* u) const {
    return matrix(u, static_cast<std::int64_t>(units), static_cast<std::int64_t>(units));
  }
};

Step forward(const Lowering& l) {
  return [&threads = l.threads, all = Sequences(l), x = l.input<float>(0), u = l.input<float>(1),
          y = l.output<float>(), p = graph::activation_parameters(l.node),
          f = activation::kernels(graph::activation_row(l.node)).forward] {
    all.each_tile(threads, [&](std::size_t first, std::size_t n) {
      const std::size_t begin = first * all.sequence();
      std::copy_n(x + begin, n * all.sequence(), y + begin);
      for (std::size_t t = 0; t < all.places; ++t) {
        if (t > 0)
          multiply_add(all.at(y + begin, t - 1, n), all.weight(u), all.at(y + begin, t, n));
        for (std::size_t s = 0; s < n; ++s) {
          float* const h = y + begin + s * all.sequence() + t * all.units;
          f(h, h, all.units, p);
        }
      }
    });
  };
}

/// What a tile of the gradient is computed from; all begin at its first sequence.
struct Gradient {
  Sequences all;
  activation::Parameters p;
  activation::Backward backward;
  bool from_output;  ///< whether the slope is that of h, otherwise of x + h U

  explicit Gradient(const Lowering& l)
      : all(l),
        p(graph::activation_parameters(l.node)),
        backward(activation::backward_of_saved(graph::activation_row(l.node), p)),
        from_output(graph::activation_row(l.node).from_output(p)) {
    announce_scratch(ScratchUse::states, scratch());
  }

  std::size_t scratch() const { return sequences_a_tile * all.units; }

  // Where the slope is not in h, dx holds x + h U until a place's gradient takes its room.
  void tile(std::size_t n, const float* dh, const float* x, float* u, float* h, float* dx) const {
    const std::size_t sequence = all.sequence(), units = all.units;
    if (!from_output) std::copy_n(x, n * sequence, dx);
    for (std::size_t s = 0; !from_output && s < n && all.places > 1; ++s) {
      const auto later = static_cast<std::int64_t>(all.places - 1);
      const auto width = static_cast<std::int64_t>(units);
      multiply_add(matrix(h + s * sequence, later, width), all.weight(u),
                   matrix(dx + s * sequence + units, later, width));
    }
    float* const total = scratch_of_thread(ScratchUse::states, scratch());
    for (std::size_t t = all.places; t-- > 0;) {
      for (std::size_t s = 0; s < n; ++s)
        std::copy_n(dh + s * sequence + t * units, units, total + s * units);
      if (t + 1 < all.places)
        multiply_add(all.at(dx, t + 1, n), all.weight(u).transposed(),
                     matrix(total, static_cast<std::int64_t>(n), static_cast<std::int64_t>(units)));
      for (std::size_t s = 0; s < n; ++s) {
        const std::size_t at = s * sequence + t * units;
        backward((from_output ? h : dx) + at, total + s * units, dx + at, units, p);
      }
    }
  }
};

Step gradient(const Lowering& l) {
  return [&threads = l.threads, g = Gradient(l), dh = l.input<float>(0), x = l.input<float>(1),
          u = l.input<float>(2), h = l.input<float>(3), dx = l.output<float>()] {
    g.all.each_tile(threads, [&](std::size_t first, std::size_t n) {
      const std::size_t at = first * g.all.sequence();
      g.tile(n, dh + at, x + at, u, h + at, dx + at);
    });
  };
}

Step earlier(const Lowering& l) {
  return [&threads = l.threads, all = Sequences(l), h = l.input<float>(0), y = l.output<float>()] {
    all.each_tile(threads, [&](std::size_t first, std::size_t n) {
      for (std::size_t s = first; s < first + n; ++s) {
        float* const to = y + s * all.sequence();
        std::fill_n(to, all.units, 0.0f);
        std::copy_n(h + s * all.sequence(), all.sequence() - all.units, to + all.units);
      }
    });
  };
}

std::string_view product_implementation(const Lowering&) { return "oneDNN"; }

}  // namespace

std::span<const Kernel> recurrent() {
  static const Kernel all[] = {
      {.op = "recurrent", .lower = forward, .implementation = product_implementation},
      {.op = "recurrent_gradient", .lower = gradient, .implementation = product_implementation},
      {.op = "recurrent_earlier", .lower = earlier}};
  return all;
}

}  // namespace rectify::run::cpu::ops
