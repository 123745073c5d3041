#include "rectify/activation/dispatch.h"
#include "rectify/activation/family.h"
#include "rectify/activation/pair.h"
#include "rectify/base/simd.h"

namespace rectify::RECTIFY_ISA {
namespace {

using activation::Kernels;
using activation::Parameters;

#if defined(RECTIFY_SIMD_AVX512)
using Wide = Pair<Pair<Vec>>;
#else
using Wide = Pair<Vec>;  // with 16 registers, more would not stay in them
#endif

/// out[i] = f(a[i], b[i]); out may be a or b.
template <class F>
RECTIFY_INLINE void map(const float* a, const float* b, float* out, std::size_t n, F f) {
  std::size_t i = 0;
  for (; i + Wide::lanes <= n; i += Wide::lanes) {
    f(Wide::load(a + i), Wide::load(b + i)).store(out + i);
  }
  for (; i + Vec::lanes <= n; i += Vec::lanes) f(Vec::load(a + i), Vec::load(b + i)).store(out + i);
  if (i < n)
    f(Vec::load_part(a + i, n - i), Vec::load_part(b + i, n - i)).store_part(out + i, n - i);
}

template <class R>
RECTIFY_INLINE void forward_with(const float* x, float* y, std::size_t n, const Parameters& p) {
  map(x, x, y, n, [&p](auto v, auto) { return R::value(v, p); });
}

template <class R>
RECTIFY_INLINE void backward_with(const float* saved, const float* dy, float* dx, std::size_t n,
                                  const Parameters& p) {
  if constexpr (activation::HasSlopeFromOutput<R>) {
    if (activation::from_output<R>(p)) {
      return map(saved, dy, dx, n, [&p](auto y, auto d) { return d * R::slope_from_output(y, p); });
    }
  }
  map(saved, dy, dx, n, [&p](auto x, auto d) { return d * R::slope(x, p); });
}

/// Calls loop with the parameters; with the default ones as constants, which make simpler loops.
template <class R, class Loop>
RECTIFY_INLINE void with_parameters(const Parameters& p, Loop loop) {
  constexpr Parameters defaults = R::facts.defaults();
  if (p[0] == defaults[0] && p[1] == defaults[1]) return loop(defaults);
  const Parameters copy = p;
  loop(copy);
}

template <class R>
[[gnu::flatten]] void forward(const float* x, float* y, std::size_t n, const Parameters& p) {
  with_parameters<R>(p, [&](const Parameters& q) { forward_with<R>(x, y, n, q); });
}

template <class R>
[[gnu::flatten]] void backward(const float* saved, const float* dy, float* dx, std::size_t n,
                               const Parameters& p) {
  with_parameters<R>(p, [&](const Parameters& q) { backward_with<R>(saved, dy, dx, n, q); });
}

template <class>
struct Table;
template <class... R>
struct Table<activation::Rows<R...>> {
  static constexpr Kernels rows[] = {{&forward<R>, &backward<R>}...};
};

}  // namespace

const Kernels* activation_kernels() { return Table<activation::Family>::rows; }

}  // namespace rectify::RECTIFY_ISA
