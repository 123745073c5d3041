#include "rectify/run/cpu/gated.h"

namespace rectify::run::cpu::ops {

namespace {

void run(const Gated& l, std::size_t sample, std::int64_t direction, float* g) {
  const std::int64_t units = l.sizes.units, w = l.width(), n = l.sizes.sequences;
  l.inputs(g, sample, direction, 4);
  float* const c = l.at(sample, l.sizes.places, direction);  // ends as the last c
  std::copy_n(l.part(5, sample, direction, l.state()), l.state(), c);
  float* h = l.part(4, sample, direction, l.state());
  for (std::int64_t t = 0; t < l.sizes.places; ++t) {
    const std::int64_t place = l.place(t, direction);
    float* const gates = g + place * n * w;
    l.recur(h, gates, sample, direction, 0, 4);
    h = l.at(sample, place, direction);
    for (std::int64_t k = 0; k < l.state(); ++k) {
      const float* const own = gates + k / units * w + k % units;
      const float i = sigmoid(own[0]), o = sigmoid(own[units]), f = sigmoid(own[2 * units]);
      c[k] = f * c[k] + i * std::tanh(own[3 * units]);
      h[k] = o * std::tanh(c[k]);
    }
  }
}

Step forward(const Lowering& l) { return each_direction(l, Gated(l, 4, 2), run); }

}  // namespace

std::span<const Kernel> lstm() {
  static const Kernel all[] = {{.op = "lstm", .lower = forward}};
  return all;
}

}  // namespace rectify::run::cpu::ops
