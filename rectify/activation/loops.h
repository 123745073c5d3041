#pragma once

// The loops over arrays that the *.kernel.cpp files of this folder use.

#include "rectify/activation/dispatch.h"
#include "rectify/activation/family.h"
#include "rectify/activation/pair.h"
#include "rectify/base/simd.h"

namespace rectify::RECTIFY_ISA {

using activation::Kernels;
using activation::Parameters;

/// Two chains of dependent operations side by side, which keep the processor busy. With more
/// chains, the rows with long formulas would spill registers (measured on AVX-512:
/// bench/activations.py).
using Wide = Pair<Vec>;

/// out[i] = f(in[i]...) for i in [0, n), several vectors at a time. `out` may be one of the inputs.
/// The elements are floats or bfloat16 numbers.
template <class Out, class F, class... In>
RECTIFY_INLINE void map(Out* out, std::size_t n, F f, const In*... in) {
  std::size_t i = 0;
  for (; i + Wide::lanes <= n; i += Wide::lanes) f(Wide::load(in + i)...).store(out + i);
  for (; i + Vec::lanes <= n; i += Vec::lanes) f(Vec::load(in + i)...).store(out + i);
  if (i < n) f(Vec::load_part(in + i, n - i)...).store_part(out + i, n - i);
}

/// Whether an output that is not one of its inputs is so large, 32 MiB, that the caches would not
/// hold it until it is read. A normal store would then first read the memory that it overwrites.
template <class... In>
RECTIFY_INLINE bool passes_caches(const float* out, std::size_t n, const In*... in) {
  return n >= std::size_t{1} << 23 && ((in != out) && ...);
}

/// The same as map, with streaming stores past the caches. It is a function of its own because both
/// loops in one function were slower in cache. It works on four pages side by side, as memcpy of
/// the C library does: one page at a time is a tenth slower on some processors (measured:
/// bench/activations.py). What lies before and after whole pages is left to edge(first, count).
template <class F, class Edge, class... In>
RECTIFY_INLINE void map_past_caches(float* out, std::size_t n, F f, Edge edge, const In*... in) {
  constexpr std::size_t bytes = sizeof(float) * Vec::lanes;
  constexpr std::size_t page = 4096 / sizeof(float), pages = 4;
  const std::size_t beyond = reinterpret_cast<std::uintptr_t>(out) % bytes;
  std::size_t i = beyond == 0 ? 0 : (bytes - beyond) / sizeof(float);
  edge(std::size_t{0}, i);
  for (; i + pages * page <= n; i += pages * page)
    for (std::size_t j = i; j < i + page; j += Wide::lanes)
      for (std::size_t k = j; k < j + pages * page; k += page)
        f(Wide::load(in + k)...).stream(out + k);
  fence_streams();
  edge(i, n - i);
}

/// Calls `loop` with the parameters. Default parameters are passed as constants, because the
/// compiler makes simpler loops for constants.
template <class R, class Loop> RECTIFY_INLINE void with_parameters(const Parameters& p, Loop loop) {
  constexpr Parameters defaults = R::facts.defaults();
  if constexpr (R::facts.parameter_count() == 0) {
    loop(defaults);  // most rows have no parameters: a second loop would be the same one
  } else {
    if (p[0] == defaults[0] && p[1] == defaults[1]) return loop(defaults);
    const Parameters copy = p;
    loop(copy);
  }
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
