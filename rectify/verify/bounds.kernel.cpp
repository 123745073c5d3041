#include "rectify/base/simd_vector.h"
#include "rectify/verify/kernels.h"

// Everything here has internal linkage or lives in a namespace of its instruction set: the linker
// must not merge it with code built for another.

namespace rectify::verify::RECTIFY_ISA {

namespace {

#if defined(RECTIFY_SIMD_AVX512)
constexpr std::size_t lanes = 8, most_vectors = 4, most_neurons = 6;
#elif defined(RECTIFY_SIMD_AVX2)
constexpr std::size_t lanes = 4, most_vectors = 2, most_neurons = 4;
#else
constexpr std::size_t lanes = 2, most_vectors = 2, most_neurons = 2;
#endif
using Doubles = double __attribute__((vector_size(8 * lanes)));

RECTIFY_INLINE Doubles load(const double* p) {
  Doubles v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
RECTIFY_INLINE void store(double* p, Doubles v) { __builtin_memcpy(p, &v, sizeof v); }
RECTIFY_INLINE Doubles all(double x) { return x - Doubles{}; }
RECTIFY_INLINE Doubles add_product(Doubles a, Doubles b, Doubles c) {
#if defined(RECTIFY_SIMD_AVX512)
  return _mm512_fmadd_pd(a, b, c);
#elif defined(RECTIFY_SIMD_AVX2)
  return _mm256_fmadd_pd(a, b, c);
#else
  return a * b + c;
#endif
}
RECTIFY_INLINE double absolute(double x) { return __builtin_fabs(x); }

/// `neurons` results of `vectors` vectors each stay in registers.
template <std::size_t neurons, std::size_t vectors>
RECTIFY_INLINE void product_block(const double* weights, std::size_t stride,
                                  const std::uint32_t* js, const std::uint32_t* is,
                                  std::size_t terms, const double* in, double* out,
                                  std::size_t columns, bool add) {
  Doubles sums[neurons][vectors];
  const double* from[neurons];
  for (std::size_t j = 0; j < neurons; ++j) {
    from[j] = weights + js[j] * stride;
    for (std::size_t v = 0; v < vectors; ++v)
      sums[j][v] = add ? load(out + j * columns + v * lanes) : Doubles{};
  }
  for (std::size_t i = 0; i < terms; ++i) {
    Doubles x[vectors];
    for (std::size_t v = 0; v < vectors; ++v) x[v] = load(in + i * columns + v * lanes);
    const std::size_t at = is[i];
    for (std::size_t j = 0; j < neurons; ++j) {
      const Doubles w = all(from[j][at]);
      for (std::size_t v = 0; v < vectors; ++v) sums[j][v] = add_product(w, x[v], sums[j][v]);
    }
  }
  for (std::size_t j = 0; j < neurons; ++j)
    for (std::size_t v = 0; v < vectors; ++v) store(out + j * columns + v * lanes, sums[j][v]);
}

template <std::size_t neurons>
RECTIFY_INLINE void product_rows(const double* weights, std::size_t stride, const std::uint32_t* js,
                                 const std::uint32_t* is, std::size_t terms, const double* in,
                                 double* out, std::size_t columns, bool add) {
  std::size_t first = 0;
  for (; first + most_vectors * lanes <= columns; first += most_vectors * lanes)
    product_block<neurons, most_vectors>(weights, stride, js, is, terms, in + first, out + first,
                                         columns, add);
  for (; first < columns; first += lanes)
    product_block<neurons, 1>(weights, stride, js, is, terms, in + first, out + first, columns,
                              add);
}

void product(const double* weights, std::size_t stride, const std::uint32_t* js, std::size_t count,
             const std::uint32_t* is, std::size_t terms, const double* in, double* out,
             std::size_t columns, bool add) {
  std::size_t j = 0;
  for (; j + most_neurons <= count; j += most_neurons)
    product_rows<most_neurons>(weights, stride, js + j, is, terms, in, out + j * columns, columns,
                               add);
  for (; j < count; ++j)
    product_rows<1>(weights, stride, js + j, is, terms, in, out + j * columns, columns, add);
}

void scale(double* x, const double* above, const double* below, std::size_t count,
           std::size_t columns) {
  for (std::size_t k = 0; k < count; ++k) {
    const double up = above[k], down = below[k];
    double* at = x + k * columns;
    for (std::size_t c = 0; c < columns; ++c) at[c] *= at[c] >= 0 ? up : down;
  }
}

void add_constants(const double* x, const double* above, const double* below, std::size_t count,
                   std::size_t columns, double* sums) {
  for (std::size_t k = 0; k < count; ++k) {
    const double up = above[k], down = below[k];
    const double* at = x + k * columns;
    for (std::size_t c = 0; c < columns; ++c) sums[c] += at[c] * (at[c] >= 0 ? up : down);
  }
}

void add_scaled(const double* x, double factor, std::size_t columns, double* to) {
  for (std::size_t c = 0; c < columns; ++c) to[c] += x[c] * factor;
}

void dot(const double* weights, const double* x, const double* r, std::size_t n, double* sum,
         double* spread) {
  Doubles middle[2] = {}, radius[2] = {};
  std::size_t o = 0;
  for (; o + 2 * lanes <= n; o += 2 * lanes)
    for (std::size_t h = 0; h < 2; ++h) {
      const Doubles w = load(weights + o + h * lanes);
      const Doubles size = w < 0 ? -w : w;
      middle[h] = add_product(w, load(x + o + h * lanes), middle[h]);
      radius[h] = add_product(size, load(r + o + h * lanes), radius[h]);
    }
  middle[0] += middle[1], radius[0] += radius[1];
  *sum = *spread = 0;
  for (std::size_t h = 0; h < lanes; ++h) *sum += middle[0][h], *spread += radius[0][h];
  for (; o < n; ++o) *sum += weights[o] * x[o], *spread += absolute(weights[o]) * r[o];
}

void forward(const double* weights, std::size_t out, double m, double r, double s, double* middle,
             double* radius, double* size) {
  for (std::size_t o = 0; o < out; ++o) {
    const double w = weights[o], absolute_w = absolute(w);
    middle[o] += w * m;
    radius[o] += absolute_w * r;
    size[o] += absolute_w * s;
  }
}

}  // namespace

extern const Kernels kernels;
const Kernels kernels = {product, scale, add_constants, add_scaled, forward, dot};

}  // namespace rectify::verify::RECTIFY_ISA
