#include "rectify/activation/loops.h"

namespace rectify::RECTIFY_ISA {
namespace {

template <class R>
[[gnu::flatten]] void forward(const float* x, const float* a, float* y, std::size_t n) {
  map(
      y, n, [](auto v, auto b) { return R::value_at(v, b); }, x, a);
}

template <class R>
[[gnu::flatten]] void backward(const float* x, const float* a, const float* dy, float* dx,
                               std::size_t n) {
  map(
      dx, n, [](auto v, auto b, auto d) { return d * R::slope_at(v, b); }, x, a, dy);
}

template <class R>
[[gnu::flatten]] void gradient(const float* x, const float* a, const float* dy, float* da,
                               std::size_t n) {
  map(
      da, n, [](auto v, auto b, auto d, auto sum) { return sum + d * R::parameter_slope(v, b); }, x,
      a, dy, da);
}

}  // namespace

void fill_varying(Kernels* table) {
  for_each_row(table, []<class R>(R, Kernels& k) {
    if constexpr (R::facts.varying != activation::Varying::none) {
      k.forward_varying = &forward<R>;
      k.backward_varying = &backward<R>;
    }
    if constexpr (activation::may_be_learned(R::facts.varying)) {
      k.gradient_varying = &gradient<R>;
    }
  });
}

}  // namespace rectify::RECTIFY_ISA
