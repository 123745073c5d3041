#include "rectify/activation/loops.h"

namespace rectify::RECTIFY_ISA {
namespace {

/// How the derivative is computed: from the input or from the output.
template <class R> struct FromInput {
  template <class V> static V slope(V x, const Parameters& p) { return R::slope(x, p); }
};
template <class R> struct FromOutput {
  template <class V> static V slope(V y, const Parameters& p) { return R::slope_from_output(y, p); }
};

template <class R, class From>
[[gnu::flatten, gnu::noinline]] void in_cache(const float* saved, const float* dy, float* dx,
                                              std::size_t n, const Parameters& p) {
  with_parameters<R>(p, [=](const Parameters& q) {
    map(
        dx, n, [&q](auto v, auto d) { return d * From::slope(v, q); }, saved, dy);
  });
}

template <class R, class From>
[[gnu::flatten, gnu::noinline]] void past_caches(const float* saved, const float* dy, float* dx,
                                                 std::size_t n, const Parameters& p) {
  const Parameters q = p;
  const auto edge = [=, &p](std::size_t first, std::size_t count) {
    in_cache<R, From>(saved + first, dy + first, dx + first, count, p);
  };
  map_past_caches(
      dx, n, [&q](auto v, auto d) { return d * From::slope(v, q); }, edge, saved, dy);
}

template <class R, class From>
void backward(const float* saved, const float* dy, float* dx, std::size_t n, const Parameters& p) {
  (passes_caches(dx, n, saved, dy) ? past_caches<R, From> : in_cache<R, From>)(saved, dy, dx, n, p);
}

}  // namespace

void fill_backward(Kernels* table) {
  for_each_row(table, []<class R>(R, Kernels& k) {
    k.backward = &backward<R, FromInput<R>>;
    if constexpr (activation::HasSlopeFromOutput<R>) {
      k.backward_from_output = &backward<R, FromOutput<R>>;
    }
  });
}

}  // namespace rectify::RECTIFY_ISA
