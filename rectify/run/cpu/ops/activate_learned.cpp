// activate_learned and its gradients: the row's varying kernels, which read a number an element.

#include <vector>

#include "rectify/activation/kernels.h"
#include "rectify/graph/activate.h"
#include "rectify/run/cpu/kernel.h"

namespace rectify::run::cpu::ops {

namespace {

/// A batch as rows of channels. Where there are few channels, several rows count as one, with the
/// channels' numbers repeated, so that the kernels have enough to do; the last may be shorter.
struct Rows {
  static constexpr std::size_t least = 128;
  std::size_t size, channels, width, a_tile;

  Rows(std::size_t elements, std::size_t c)
      : size(elements),
        channels(c),
        width(c < least ? least / c * c : c),
        a_tile(std::max<std::size_t>(1, tile_elements / width)) {}

  std::size_t tiles() const { return (size + a_tile * width - 1) / (a_tile * width); }

  /// Calls visit(first element, elements, their channels' numbers) for each row of a tile.
  template <class Visit>
  void each_in(std::size_t tile, const float* numbers, const Visit& visit) const {
    float repeated[least];
    if (channels < least) {
      for (std::size_t i = 0; i < width; ++i) repeated[i] = numbers[i % channels];
      numbers = repeated;
    }
    const std::size_t end = std::min(size, (tile + 1) * a_tile * width);
    for (std::size_t first = tile * a_tile * width; first < end; first += width)
      visit(first, std::min(width, end - first), numbers);
  }
};

const activation::Kernels& kernels_of(const Lowering& l) {
  return activation::kernels(graph::activation_row(l.node));
}

Step forward(const Lowering& l) {
  return [&threads = l.threads, x = l.input<float>(0), a = l.input<float>(1), y = l.output<float>(),
          rows = Rows(l.output_size(), l.input_size(1)), f = kernels_of(l).forward_varying] {
    threads.run(rows.tiles(), [&](std::size_t tile) {
      rows.each_in(tile, a, [&](std::size_t first, std::size_t n, const float* numbers) {
        f(x + first, numbers, y + first, n);
      });
    });
  };
}

Step input_gradient(const Lowering& l) {
  return [&threads = l.threads, dy = l.input<float>(0), x = l.input<float>(1),
          a = l.input<float>(2), dx = l.output<float>(),
          rows = Rows(l.output_size(), l.input_size(2)), f = kernels_of(l).backward_varying] {
    threads.run(rows.tiles(), [&](std::size_t tile) {
      rows.each_in(tile, a, [&](std::size_t first, std::size_t n, const float* numbers) {
        f(x + first, numbers, dy + first, dx + first, n);
      });
    });
  };
}

// Each tile has sums of its own, which are added in the order of the tiles, in double.
Step number_gradient(const Lowering& l) {
  const Rows rows(l.input_size(0), l.input_size(2));
  return [&threads = l.threads, dy = l.input<float>(0), x = l.input<float>(1),
          a = l.input<float>(2), da = l.output<float>(), rows, f = kernels_of(l).gradient_varying,
          parts = std::vector<float>(rows.tiles() * rows.width),
          sums = std::vector<double>(rows.channels)]() mutable {
    std::fill(parts.begin(), parts.end(), 0.0f);
    threads.run(rows.tiles(), [&](std::size_t tile) {
      rows.each_in(tile, a, [&](std::size_t first, std::size_t n, const float* numbers) {
        f(x + first, numbers, dy + first, parts.data() + tile * rows.width, n);
      });
    });
    std::fill(sums.begin(), sums.end(), 0.0);
    for (std::size_t first = 0; first < parts.size(); first += rows.channels)
      for (std::size_t c = 0; c < rows.channels; ++c) sums[c] += parts[first + c];
    for (std::size_t c = 0; c < rows.channels; ++c) da[c] = static_cast<float>(sums[c]);
  };
}

}  // namespace

std::span<const Kernel> activate_learned() {
  static const Kernel all[] = {{"activate_learned", forward},
                               {"activate_learned_gradient", input_gradient},
                               {"activate_learned_number_gradient", number_gradient}};
  return all;
}

}  // namespace rectify::run::cpu::ops
