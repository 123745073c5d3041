#include "rectify/activation/loops.h"

namespace rectify::RECTIFY_ISA {
namespace {

template <class R>
[[gnu::flatten]] void backward(const float* x, const float* dy, float* dx, std::size_t n,
                               const Parameters& p) {
  with_parameters<R>(p, [=](const Parameters& q) {
    map_streaming(
        dx, n, [&q](auto v, auto d) { return d * R::slope(v, q); }, x, dy);
  });
}

template <class R>
[[gnu::flatten]] void backward_from_output(const float* y, const float* dy, float* dx,
                                           std::size_t n, const Parameters& p) {
  with_parameters<R>(p, [=](const Parameters& q) {
    map_streaming(
        dx, n, [&q](auto v, auto d) { return d * R::slope_from_output(v, q); }, y, dy);
  });
}

}  // namespace

void fill_backward(Kernels* table) {
  for_each_row(table, []<class R>(R, Kernels& k) {
    k.backward = &backward<R>;
    if constexpr (activation::HasSlopeFromOutput<R>) {
      k.backward_from_output = &backward_from_output<R>;
    }
  });
}

}  // namespace rectify::RECTIFY_ISA
