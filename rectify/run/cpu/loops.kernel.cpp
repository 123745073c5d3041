#include "rectify/run/cpu/loops.h"

#include "rectify/base/simd.h"
#include "rectify/run/cpu/random_loops.h"
#include "rectify/run/cpu/transpose.h"

// Everything here has internal linkage or lives in a namespace of its instruction set: the linker
// must not merge it with code built for another.

namespace rectify::run::cpu::RECTIFY_ISA {

using rectify::RECTIFY_ISA::Vec;

namespace {

// The bits of |x| order like its value, and a NaN's are above those of all numbers.
float largest_magnitude(const float* x, std::size_t n) {
  std::uint32_t most = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint32_t magnitude = __builtin_bit_cast(std::uint32_t, x[i]) & 0x7fffffffu;
    most = magnitude > most ? magnitude : most;
  }
  return __builtin_bit_cast(float, most);
}

float largest_magnitude_bfloat16(const bfloat16* x, std::size_t n) {
  std::uint16_t most = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const auto magnitude = static_cast<std::uint16_t>(x[i].bits & 0x7fffu);
    most = magnitude > most ? magnitude : most;
  }
  return __builtin_bit_cast(float, static_cast<std::uint32_t>(most) << 16);
}

void to_bfloat16(const float* x, bfloat16* y, std::size_t n) {
  std::size_t i = 0;
  for (; i + Vec::lanes <= n; i += Vec::lanes) Vec::load(x + i).store(y + i);
  if (i < n) Vec::load_part(x + i, n - i).store_part(y + i, n - i);
}

void to_float32(const bfloat16* x, float* y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i)
    y[i] = __builtin_bit_cast(float, static_cast<std::uint32_t>(x[i].bits) << 16);
}

void transpose(const float* from, std::int64_t from_stride, float* to, std::int64_t to_stride,
               std::int64_t rows, std::int64_t columns) {
  constexpr std::int64_t side = Vec::lanes;
  for (std::int64_t c = 0; c < columns; c += side)
    for (std::int64_t r = 0; r < rows; r += side) {
      const float* f = from + r * from_stride + c;
      float* t = to + c * to_stride + r;
      if (r + side <= rows && c + side <= columns)
        transpose_square(f, from_stride, t, to_stride, Vec::lanes, Vec::lanes, Vec::lanes);
      else {
        const auto high = static_cast<std::size_t>(r + side <= rows ? side : rows - r);
        const auto wide = static_cast<std::size_t>(c + side <= columns ? side : columns - c);
        transpose_square(f, from_stride, t, to_stride, high, wide, high);
      }
    }
}

void add_bias(const float* bias, float* y, std::int64_t rows, std::int64_t columns,
              std::int64_t stride) {
  for (std::int64_t r = 0; r < rows; ++r) {
    float* __restrict row = y + r * stride;
    for (std::int64_t c = 0; c < columns; ++c) row[c] += bias[c];
  }
}

void sum_rows(const float* y, float* __restrict sum, std::int64_t rows, std::int64_t columns,
              std::int64_t stride) {
  for (std::int64_t c = 0; c < columns; ++c) sum[c] = 0;
  for (std::int64_t r = 0; r < rows; ++r) {
    const float* row = y + r * stride;
    for (std::int64_t c = 0; c < columns; ++c) sum[c] += row[c];
  }
}

void sum_products(const float* a, const float* b, float* __restrict sum, std::int64_t rows,
                  std::int64_t columns, std::int64_t stride) {
  for (std::int64_t c = 0; c < columns; ++c) sum[c] = 0;
  for (std::int64_t r = 0; r < rows; ++r) {
    const float *x = a + r * stride, *y = b + r * stride;
    for (std::int64_t c = 0; c < columns; ++c) sum[c] += x[c] * y[c];
  }
}

/// y += x[0] w[0] + ... for `count` rows that do not lie at equal distances.
template <int count>
RECTIFY_INLINE void add_rows(const float* x, const float* const* w, float* y,
                             std::int64_t columns) {
  Vec factor[count];
  for (int r = 0; r < count; ++r) factor[r] = Vec(x[r]);
  std::int64_t c = 0;
  for (; c + static_cast<std::int64_t>(Vec::lanes) <= columns; c += Vec::lanes) {
    Vec sum = Vec::load(y + c);
    for (int r = 0; r < count; ++r) sum = fma(factor[r], Vec::load(w[r] + c), sum);
    sum.store(y + c);
  }
  if (c == columns) return;
  const auto left = static_cast<std::size_t>(columns - c);
  Vec sum = Vec::load_part(y + c, left);
  for (int r = 0; r < count; ++r) sum = fma(factor[r], Vec::load_part(w[r] + c, left), sum);
  sum.store_part(y + c, left);
}

void add_scaled_rows(const float* x, const float* w, float* y, std::int64_t rows,
                     std::int64_t columns, std::int64_t stride) {
  constexpr int at_once = 8;  // rows that are read side by side, so that y is not the bottleneck
  float factor[at_once];
  const float* row[at_once];
  int found = 0;
  for (std::int64_t r = 0; r < rows; ++r) {
    factor[found] = x[r];
    row[found] = w + r * stride;
    found += x[r] != 0;  // without a branch: which units are active is no pattern
    if (found < at_once) continue;
    add_rows<at_once>(factor, row, y, columns);
    found = 0;
  }
  for (int r = 0; r < found; ++r) add_rows<1>(factor + r, row + r, y, columns);
}

/// The sums of `count` neighbouring rows.
template <int count>
RECTIFY_INLINE void dot(const float* w, const float* x, float* y, std::int64_t columns) {
  Vec sums[count];
  for (Vec& s : sums) s = Vec(0.0f);
  std::int64_t c = 0;
  for (; c + static_cast<std::int64_t>(Vec::lanes) <= columns; c += Vec::lanes) {
    const Vec v = Vec::load(x + c);
    for (int r = 0; r < count; ++r) sums[r] = fma(Vec::load(w + r * columns + c), v, sums[r]);
  }
  const auto left = static_cast<std::size_t>(columns - c);
  for (int r = 0; r < count; ++r) {
    if (left > 0)
      sums[r] =
          fma(Vec::load_part(w + r * columns + c, left), Vec::load_part(x + c, left), sums[r]);
    y[r] = sum(sums[r]);
  }
}

void dot_rows(const float* w, const float* x, float* y, std::int64_t rows, std::int64_t columns) {
  constexpr int at_once = 8;
  std::int64_t r = 0;
  for (; r + at_once <= rows; r += at_once) dot<at_once>(w + r * columns, x, y + r, columns);
  for (; r < rows; ++r) dot<1>(w + r * columns, x, y + r, columns);
}

void scale(float a, const float* __restrict x, float* __restrict y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] = a * x[i];
}

// Without branches: signs cannot be predicted.
void signs(float a, const float* __restrict x, float* __restrict y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    const float up = x[i] > 0 ? a : 0.0f, down = x[i] < 0 ? a : 0.0f;
    y[i] = up - down;
  }
}

void add(const float* a, const float* b, float* y, std::size_t n) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < n; ++i) y[i] = a[i] + b[i];
}

void add_bfloat16(const bfloat16* a, const bfloat16* b, bfloat16* y, std::size_t n) {
  std::size_t i = 0;
  for (; i + Vec::lanes <= n; i += Vec::lanes) (Vec::load(a + i) + Vec::load(b + i)).store(y + i);
  if (i < n) (Vec::load_part(a + i, n - i) + Vec::load_part(b + i, n - i)).store_part(y + i, n - i);
}

void multiply(const float* a, const float* b, float* y, std::size_t n) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < n; ++i) y[i] = a[i] * b[i];
}

/// Whether x takes the place of the best so far. NaN does, and is not replaced.
inline bool better(float x, float best) { return !(x <= best) & (best == best); }

void largest(const float* x, float* __restrict y, std::size_t n, std::size_t pieces,
             std::size_t stride) {
  for (std::size_t j = 0; j < n; ++j) y[j] = x[j];
  for (std::size_t i = 1; i < pieces; ++i) {
    const float* piece = x + i * stride;
    for (std::size_t j = 0; j < n; ++j) y[j] = better(piece[j], y[j]) ? piece[j] : y[j];
  }
}

void largest_gradient(const float* x, const float* dy, float* dx, std::size_t n, std::size_t pieces,
                      std::size_t stride) {
  constexpr std::size_t chunk = 256;
  float best[chunk];
  std::uint32_t winner[chunk];
  for (std::size_t at = 0; at < n; at += chunk) {
    const std::size_t count = n - at < chunk ? n - at : chunk;
    for (std::size_t j = 0; j < count; ++j) best[j] = x[at + j], winner[j] = 0;
    for (std::size_t i = 1; i < pieces; ++i) {
      const float* piece = x + i * stride + at;
      for (std::size_t j = 0; j < count; ++j) {
        const bool wins = better(piece[j], best[j]);
        best[j] = wins ? piece[j] : best[j];
        winner[j] = wins ? static_cast<std::uint32_t>(i) : winner[j];
      }
    }
    for (std::size_t i = 0; i < pieces; ++i) {
      float* __restrict piece = dx + i * stride + at;
      for (std::size_t j = 0; j < count; ++j) piece[j] = winner[j] == i ? dy[at + j] : 0.0f;
    }
  }
}

}  // namespace

extern const Loops loops;
const Loops loops = {largest_magnitude,
                     largest_magnitude_bfloat16,
                     to_bfloat16,
                     to_float32,
                     transpose,
                     add_bias,
                     sum_rows,
                     sum_products,
                     add_scaled_rows,
                     dot_rows,
                     scale,
                     signs,
                     add,
                     add_bfloat16,
                     dropout,
                     multiply,
                     largest,
                     largest_gradient,
                     uniform,
                     normal};

}  // namespace rectify::run::cpu::RECTIFY_ISA
