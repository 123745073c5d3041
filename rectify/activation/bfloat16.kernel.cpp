#include "rectify/activation/loops.h"

namespace rectify::RECTIFY_ISA {
namespace {

template <class R>
[[gnu::flatten]] void forward(const bfloat16* x, bfloat16* y, std::size_t n, const Parameters& p) {
  with_parameters<R>(p, [=](const Parameters& q) {
    map(
        y, n, [&q](auto v) { return R::value(v, q); }, x);
  });
}

template <class R>
[[gnu::flatten]] void backward(const bfloat16* x, const bfloat16* dy, bfloat16* dx, std::size_t n,
                               const Parameters& p) {
  with_parameters<R>(p, [=](const Parameters& q) {
    map(
        dx, n, [&q](auto v, auto d) { return d * R::slope(v, q); }, x, dy);
  });
}

}  // namespace

void fill_bfloat16(Kernels* table) {
  for_each_row(table, []<class R>(R, Kernels& k) {
    k.forward_bfloat16 = &forward<R>;
    k.backward_bfloat16 = &backward<R>;
  });
}

}  // namespace rectify::RECTIFY_ISA
