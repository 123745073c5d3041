#include "rectify/run/cpu/norm/norm.h"

#include "rectify/run/cpu/norm/row_vectors.h"

// Everything here has internal linkage or lives in a namespace of its instruction set: the linker
// must not merge it with code built for another.

namespace rectify::RECTIFY_ISA {

namespace {

using run::cpu::RowNumbers;

/// total[k] = the sum over a row of v[k], which terms(i, n, v) gives for the n elements from i on,
/// other lanes 0: in float over stretches, in double over these.
template <int count, class Terms>
RECTIFY_INLINE void add_up(std::size_t width, double (&total)[count], const Terms& terms) {
  constexpr std::size_t stretch = 1024, lanes = Vec::lanes;
  for (double& t : total) t = 0;
  for (std::size_t first = 0; first < width; first += stretch) {
    const std::size_t end = width - first < stretch ? width : first + stretch;
    Vec even[count], odd[count], v[count];
    for (int k = 0; k < count; ++k) even[k] = odd[k] = Vec(0.0f);
    std::size_t i = first;
    for (; i + 2 * lanes <= end; i += 2 * lanes) {
      terms(i, lanes, v);
      for (int k = 0; k < count; ++k) even[k] += v[k];
      terms(i + lanes, lanes, v);
      for (int k = 0; k < count; ++k) odd[k] += v[k];
    }
    for (; i < end; i += lanes) {
      terms(i, end - i < lanes ? end - i : lanes, v);
      for (int k = 0; k < count; ++k) even[k] += v[k];
    }
    for (int k = 0; k < count; ++k) total[k] += sum(even[k] + odd[k]);
  }
}

/// The mean is first taken roughly and then corrected by the mean of the differences to it, around
/// which the variance is exact too.
template <bool centred>
RECTIFY_INLINE RowNumbers numbers_of(const float* x, std::size_t width, double epsilon) {
  const double n = static_cast<double>(width);
  float mean = 0;
  if (centred) {
    double whole[1];
    add_up<1>(width, whole, [&](std::size_t i, std::size_t k, Vec* v) { v[0] = load(x + i, k); });
    mean = static_cast<float>(whole[0] / n);
  }
  double sums[2];
  add_up<2>(width, sums, [&](std::size_t i, std::size_t k, Vec* v) {
    const Vec d = first_lanes(load(x + i, k) - Vec(mean), k, 0);
    v[0] = d;
    v[1] = d * d;
  });
  const double rest = centred ? sums[0] / n : 0, variance = sums[1] / n - rest * rest;
  const double positive = variance < 0 ? 0 : variance;  // a NaN stays
  return {mean, static_cast<float>(rest),
          static_cast<float>(1 / __builtin_sqrt(positive + epsilon))};
}

template <bool centred>
RECTIFY_INLINE Vec normalised(const float* x, std::size_t n, const RowNumbers& of) {
  const Vec v = load(x, n);
  return (centred ? (v - Vec(of.mean)) - Vec(of.rest) : v) * Vec(of.inverse);
}

template <bool centred>
void forward(const float* x, const float* scale, const float* shift, float* y, std::size_t rows,
             std::size_t width, double epsilon) {
  for (; rows > 0; --rows, x += width, y += width) {
    const RowNumbers of = numbers_of<centred>(x, width, epsilon);
    each_vector(width, [&](std::size_t i, std::size_t n) {
      Vec z = normalised<centred>(x + i, n, of);
      if (scale) z *= load(scale + i, n);
      if (shift) z += load(shift + i, n);
      store(z, y + i, n);
    });
  }
}

template <bool centred>
void gradient(const float* dy, const float* x, const float* scale, float* dx, std::size_t rows,
              std::size_t width, double epsilon) {
  const auto scaled = [&](std::size_t i, std::size_t n) {
    const Vec g = load(dy + i, n);
    return scale ? g * load(scale + i, n) : g;
  };
  for (; rows > 0; --rows, x += width, dy += width, dx += width) {
    const RowNumbers of = numbers_of<centred>(x, width, epsilon);
    double sums[2];
    add_up<2>(width, sums, [&](std::size_t i, std::size_t n, Vec* v) {
      v[0] = scaled(i, n);  // 0 in lanes beyond the row, and so is the product
      v[1] = v[0] * normalised<centred>(x + i, n, of);
    });
    const Vec mean(centred ? sums[0] / static_cast<double>(width) : 0.0);
    const Vec slope(sums[1] / static_cast<double>(width));
    each_vector(width, [&](std::size_t i, std::size_t n) {
      const Vec g = scaled(i, n) - mean - normalised<centred>(x + i, n, of) * slope;
      store(g * Vec(of.inverse), dx + i, n);
    });
  }
}

template <bool centred>
void numbers(const float* x, RowNumbers* of, std::size_t rows, std::size_t width, double epsilon) {
  for (std::size_t r = 0; r < rows; ++r) of[r] = numbers_of<centred>(x + r * width, width, epsilon);
}

void row_sums(const float* dy, const float* x, const RowNumbers* of, double* __restrict sum,
              double* __restrict product, std::size_t rows, std::size_t columns,
              std::size_t stride) {
  for (std::size_t r = 0; r < rows; ++r, dy += stride, x += stride) {
    const float mean = of[r].mean, rest = of[r].rest, inverse = of[r].inverse;
    for (std::size_t c = 0; c < columns; ++c) {
      sum[c] += dy[c];
      product[c] += static_cast<double>(dy[c]) * (((x[c] - mean) - rest) * inverse);
    }
  }
}

template <class Number>
RECTIFY_INLINE double number(Number x) {
  if constexpr (std::is_same_v<Number, bfloat16>)
    return __builtin_bit_cast(float, static_cast<std::uint32_t>(x.bits) << 16);
  else
    return x;
}

template <class Number>
void moments(const Number* x, const float* origin, double* __restrict sum,
             double* __restrict square, std::size_t rows, std::size_t columns, std::size_t stride) {
  for (std::size_t r = 0; r < rows; ++r, x += stride)
    for (std::size_t c = 0; c < columns; ++c) {
      const double d = number(x[c]) - origin[c];
      sum[c] += d;
      square[c] += d * d;
    }
}

template <class Number>
void channel_sums(const Number* dy, const Number* x, const float* origin, double* __restrict sum,
                  double* __restrict product, std::size_t rows, std::size_t columns,
                  std::size_t stride) {
  for (std::size_t r = 0; r < rows; ++r, dy += stride, x += stride)
    for (std::size_t c = 0; c < columns; ++c) {
      const double d = number(dy[c]);
      sum[c] += d;
      product[c] += d * static_cast<float>(number(x[c]) - origin[c]);
    }
}

/// Two sums for each of the columns [first, first + columns) of rows of `width`, of which n floats
/// are left: terms(i, lanes, c, a, b) gives the two terms of the elements from i on, of the columns
/// from c on. `whole`: all four vectors of columns are full.
template <bool whole, class Terms>
RECTIFY_INLINE void add_columns(std::size_t first, std::size_t columns, std::size_t n,
                                std::size_t width, double* sum, double* other, const Terms& terms) {
  constexpr std::size_t stretch = 16, lanes = Vec::lanes, vectors = 4;
  for (std::size_t c = 0; c < columns; ++c) sum[first + c] = other[first + c] = 0;
  for (std::size_t row = first; row < n; row += stretch * width) {
    Vec a[vectors], b[vectors];
    for (std::size_t k = 0; k < vectors; ++k) a[k] = b[k] = Vec(0.0f);
    for (std::size_t r = row; r < n && r < row + stretch * width; r += width)
      for (std::size_t k = 0; k < vectors; ++k) {
        const std::size_t end = n - r < columns ? n - r : columns, c = k * lanes;
        if (!whole && c >= end) break;
        Vec x, y;
        terms(r + c, whole || end - c > lanes ? lanes : end - c, first + c, x, y);
        a[k] += x;
        b[k] += y;
      }
    float of_a[vectors * lanes], of_b[vectors * lanes];
    for (std::size_t k = 0; k < vectors; ++k) {
      store(a[k], of_a + k * lanes, lanes);
      store(b[k], of_b + k * lanes, lanes);
    }
    for (std::size_t c = 0; c < columns; ++c) {
      sum[first + c] += of_a[c];
      other[first + c] += of_b[c];
    }
  }
}

template <class Terms>
RECTIFY_INLINE void add_all_columns(std::size_t n, std::size_t width, double* sum, double* other,
                                    const Terms& terms) {
  constexpr std::size_t block = 4 * Vec::lanes;
  for (std::size_t c = 0; c < width; c += block)
    if (width - c >= block && n % width == 0)
      add_columns<true>(c, block, n, width, sum, other, terms);
    else
      add_columns<false>(c, width - c < block ? width - c : block, n, width, sum, other, terms);
}

template <class Number>
void sample_moments(const Number* x, const float* origin, double* sum, double* square,
                    std::size_t n, std::size_t width) {
  add_all_columns(n, width, sum, square,
                  [&](std::size_t i, std::size_t k, std::size_t c, Vec& a, Vec& b) {
                    a = first_lanes(load(x + i, k) - load(origin + c, k), k, 0);
                    b = a * a;
                  });
}

template <class Number>
void sample_sums(const Number* dy, const Number* x, const float* origin, double* sum,
                 double* product, std::size_t n, std::size_t width) {
  add_all_columns(n, width, sum, product,
                  [&](std::size_t i, std::size_t k, std::size_t c, Vec& a, Vec& b) {
                    a = first_lanes(load(dy + i, k), k, 0);
                    b = first_lanes(load(dy + i, k) * (load(x + i, k) - load(origin + c, k)), k, 0);
                  });
}

void factors(const float* variance, const float* scale, float* __restrict factor, std::size_t n,
             double epsilon) {
  for (std::size_t i = 0; i < n; ++i)
    factor[i] =
        static_cast<float>((scale ? scale[i] : 1.0) / __builtin_sqrt(variance[i] + epsilon));
}

template <class Number>
void channels(const Number* x, const float* mean, const float* factor, const float* shift,
              Number* y, std::size_t n, std::size_t width) {
  for (std::size_t first = 0; first < n; first += width, x += width, y += width)
    each_vector(n - first < width ? n - first : width, [&](std::size_t c, std::size_t k) {
      store((load(x + c, k) - load(mean + c, k)) * load(factor + c, k) + load(shift + c, k), y + c,
            k);
    });
}

template <class Number>
void channels_gradient(const Number* dy, const Number* x, const float* mean, const float* factor,
                       const float* constant, const float* slope, Number* dx, std::size_t n,
                       std::size_t width) {
  for (std::size_t first = 0; first < n; first += width, dy += width, x += width, dx += width)
    each_vector(n - first < width ? n - first : width, [&](std::size_t c, std::size_t k) {
      const Vec away = (load(x + c, k) - load(mean + c, k)) * load(slope + c, k);
      store(load(factor + c, k) * (load(dy + c, k) - load(constant + c, k) - away), dx + c, k);
    });
}

template <class Number>
constexpr run::cpu::ChannelLoops<Number> channel_loops = {
    moments<Number>,     channel_sums<Number>, sample_moments<Number>,
    sample_sums<Number>, channels<Number>,     channels_gradient<Number>};

}  // namespace

}  // namespace rectify::RECTIFY_ISA

namespace rectify::run::cpu::RECTIFY_ISA {

namespace isa = rectify::RECTIFY_ISA;

extern const NormLoops norm_loops;
const NormLoops norm_loops = {isa::forward<true>,
                              isa::forward<false>,
                              isa::gradient<true>,
                              isa::gradient<false>,
                              isa::numbers<true>,
                              isa::numbers<false>,
                              isa::row_sums,
                              isa::factors,
                              isa::channel_loops<float>,
                              isa::channel_loops<bfloat16>};

}  // namespace rectify::run::cpu::RECTIFY_ISA
