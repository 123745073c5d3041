#include "rectify/activation/loops.h"

namespace rectify::RECTIFY_ISA {
namespace {

/// As map, on bfloat16; the last few through a full vector of zeros.
template <class F, class... In>
RECTIFY_INLINE void map_bfloat16(bfloat16* out, std::size_t n, F f, const In*... in) {
  std::size_t i = 0;
  for (; i + Vec::lanes <= n; i += Vec::lanes) store(f(load(in + i)...), out + i);
  if (i == n) return;
  const auto part = [&](const bfloat16* from) {
    bfloat16 lane[Vec::lanes] = {};
    for (std::size_t j = 0; j < n - i; ++j) lane[j] = from[i + j];
    return load(lane);
  };
  bfloat16 lane[Vec::lanes];
  store(f(part(in)...), lane);
  for (std::size_t j = 0; j < n - i; ++j) out[i + j] = lane[j];
}

template <class R>
[[gnu::flatten]] void forward(const bfloat16* x, bfloat16* y, std::size_t n, const Parameters& p) {
  const Parameters q = p;
  map_bfloat16(
      y, n, [&q](Vec v) { return R::value(v, q); }, x);
}

template <class R>
[[gnu::flatten]] void backward(const bfloat16* x, const bfloat16* dy, bfloat16* dx, std::size_t n,
                               const Parameters& p) {
  const Parameters q = p;
  map_bfloat16(
      dx, n, [&q](Vec v, Vec d) { return d * R::slope(v, q); }, x, dy);
}

}  // namespace

void fill_bfloat16(Kernels* table) {
  for_each_row(table, []<class R>(R, Kernels& k) {
    k.forward_bfloat16 = &forward<R>;
    k.backward_bfloat16 = &backward<R>;
  });
}

}  // namespace rectify::RECTIFY_ISA
