#include "rectify/activation/loops.h"

namespace rectify::RECTIFY_ISA {
namespace {

template <class R>
[[gnu::flatten]] void forward(const float* x, float* y, std::size_t n, const Parameters& p) {
  with_parameters<R>(p, [=](const Parameters& q) {
    map_streaming(
        y, n, [&q](auto v) { return R::value(v, q); }, x);
  });
}

}  // namespace

void fill_forward(Kernels* table) {
  for_each_row(table, []<class R>(R, Kernels& k) { k.forward = &forward<R>; });
}

}  // namespace rectify::RECTIFY_ISA
