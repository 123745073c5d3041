#include "rectify/run/cpu/gated.h"

namespace rectify::run::cpu::ops {

namespace {

/// The new h of one place from the gates z, r and h, where `reset` says how r acts.
void step(const Gated& l, std::size_t sample, std::int64_t direction, float* gates, float* before,
          float* h, float* work, bool after) {
  const std::int64_t units = l.sizes.units, w = l.width(), n = l.sizes.sequences;
  const float* const bias = l.part(3, sample, direction, 2 * w) + w + 2 * units;  // of R's gate h
  l.recur(before, gates, sample, direction, 0, 2);
  const auto own = [&](std::int64_t k, std::int64_t gate) -> float& {
    return gates[k / units * w + gate * units + k % units];
  };
  float* const reset = work + n * w;  // r h
  for (std::int64_t k = 0; k < l.state(); ++k) {
    reset[k] = after ? before[k] : sigmoid(own(k, 1)) * before[k];
    work[k / units * w + 2 * units + k % units] = bias[k % units];
  }
  l.recur(reset, work, sample, direction, 2, 1);  // work: (r h) R + its bias
  for (std::int64_t k = 0; k < l.state(); ++k) {
    const float z = sigmoid(own(k, 0)), r = after ? sigmoid(own(k, 1)) : 1.0f;
    const float fresh = std::tanh(own(k, 2) + r * work[k / units * w + 2 * units + k % units]);
    h[k] = (1 - z) * fresh + z * before[k];
  }
}

template <bool after>
void run(const Gated& l, std::size_t sample, std::int64_t direction, float* g) {
  const std::int64_t n = l.sizes.sequences, w = l.width();
  l.inputs(g, sample, direction, 2);
  float* const work = g + l.sizes.places * n * w;
  float* before = l.part(4, sample, direction, l.state());
  for (std::int64_t t = 0; t < l.sizes.places; ++t) {
    const std::int64_t place = l.place(t, direction);
    float* const h = l.at(sample, place, direction);
    step(l, sample, direction, g + place * n * w, before, h, work, after);
    before = h;
  }
}

Step forward(const Lowering& l) {
  const bool after = l.node.attributes.word("reset") == "after";
  return each_direction(l, Gated(l, 3, 1), after ? run<true> : run<false>);
}

}  // namespace

std::span<const Kernel> gru() {
  static const Kernel all[] = {{.op = "gru", .lower = forward}};
  return all;
}

}  // namespace rectify::run::cpu::ops
