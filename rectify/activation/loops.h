#pragma once

// How the *.kernel.cpp files of this folder go over arrays.

#include "rectify/activation/dispatch.h"
#include "rectify/activation/family.h"
#include "rectify/activation/pair.h"
#include "rectify/base/simd.h"

namespace rectify::RECTIFY_ISA {

using activation::Kernels;
using activation::Parameters;

/// Two chains of dependent operations side by side, which keep the processor busy; with more, the
/// long rows spill their registers (measured on AVX-512: bench/activations.py).
using Wide = Pair<Vec>;

/// out[i] = f(in[i]...) for i in [0, n), several vectors at a time; out may be one of the inputs.
template <class F, class... In>
RECTIFY_INLINE void map(float* out, std::size_t n, F f, const In*... in) {
  std::size_t i = 0;
  for (; i + Wide::lanes <= n; i += Wide::lanes) f(Wide::load(in + i)...).store(out + i);
  for (; i + Vec::lanes <= n; i += Vec::lanes) f(Vec::load(in + i)...).store(out + i);
  if (i < n) f(Vec::load_part(in + i, n - i)...).store_part(out + i, n - i);
}

/// Calls loop with the parameters; with the default ones as constants, which make simpler loops.
template <class R, class Loop> RECTIFY_INLINE void with_parameters(const Parameters& p, Loop loop) {
  constexpr Parameters defaults = R::facts.defaults();
  if (p[0] == defaults[0] && p[1] == defaults[1]) return loop(defaults);
  const Parameters copy = p;
  loop(copy);
}

/// Calls fill(R{}, kernels of R) for every row of the family.
template <class Fill, class... R>
void for_each_row(Kernels* table, Fill fill, activation::Rows<R...>) {
  (fill(R{}, *table++), ...);
}
template <class Fill> void for_each_row(Kernels* table, Fill fill) {
  for_each_row(table, fill, activation::Family{});
}

}  // namespace rectify::RECTIFY_ISA
