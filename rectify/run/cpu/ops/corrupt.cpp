// corrupt and its gradient: noise addressed by (seed, the node's stream, step, element).

#include <algorithm>
#include <cstring>

#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/loops.h"
#include "rectify/run/dropout_mask.h"

namespace rectify::run::cpu::ops {

namespace {

Step leave_clean(const Lowering& l) {
  if (l.input<float>(0) == l.output<float>()) return {};
  return [x = l.input<float>(0), y = l.output<float>(), size = l.output_size()] {
    std::memcpy(y, x, size * sizeof(float));
  };
}

Step add_normal(const Lowering& l) {
  return [&threads = l.threads, &state = l.state, x = l.input<float>(0), y = l.output<float>(),
          size = l.output_size(), stream = node_stream(l.node.stream),
          deviation = static_cast<float>(l.node.attributes.number("noise"))] {
    for_elements(threads, size, [&](std::size_t tile, std::size_t elements) {
      constexpr std::size_t piece = 1024;
      float drawn[piece];
      for (std::size_t first = tile; first < tile + elements; first += piece) {
        const std::size_t n = std::min(piece, tile + elements - first);
        loops().normal(drawn, first, n, state.seed, stream, state.step);
        for (std::size_t i = 0; i < n; ++i) y[first + i] = x[first + i] + deviation * drawn[i];
      }
    });
  };
}

/// Elements whose random word is below half the threshold become `low`, those from there to the
/// threshold `high`.
Step replace(const Lowering& l, float low, float high) {
  const std::uint32_t threshold = dropout_threshold(l.node.attributes.number("noise"));
  return [&threads = l.threads, &state = l.state, x = l.input<float>(0), y = l.output<float>(),
          size = l.output_size(), stream = node_stream(l.node.stream), threshold, low, high] {
    for_elements(threads, size, [&](std::size_t first, std::size_t n) {
      loops().dropout(x + first, y + first, first, n, state.seed, stream, state.step, threshold, 1,
                      0, high);
      if (low != high)
        loops().dropout(y + first, y + first, first, n, state.seed, stream, state.step,
                        threshold / 2, 1, 0, low);
    });
  };
}

Step corrupted(const Lowering& l) {
  const graph::Attributes& given = l.node.attributes;
  if (!l.training || given.number("noise") == 0) return leave_clean(l);
  if (given.word("kind") == "gaussian") return add_normal(l);
  if (given.word("kind") == "mask") return replace(l, 0, 0);
  return replace(l, static_cast<float>(given.number("low")),
                 static_cast<float>(given.number("high")));
}

Step gradient(const Lowering& l) {
  if (!l.training || l.node.attributes.number("noise") == 0) return leave_clean(l);
  return replace(l, 0, 0);
}

}  // namespace

std::span<const Kernel> corrupt() {
  static const Kernel all[] = {{"corrupt", corrupted}, {"corrupt_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::cpu::ops
