#include "rectify/run/cpu/sparse/loops.h"

#include "rectify/base/simd.h"
#include "rectify/run/cpu/transpose.h"

// Everything here has internal linkage or lives in a namespace of its instruction set: the linker
// must not merge it with code built for another.

namespace rectify::run::cpu::RECTIFY_ISA {

using namespace rectify::RECTIFY_ISA;

namespace {

constexpr std::int64_t lanes = Vec::lanes;
/// Vectors of a panel's row, each with its sum in a register.
constexpr int most_vectors = 8;
constexpr std::int64_t panel = most_vectors * lanes;
/// 32 KiB of a packed block, or less.
constexpr std::int64_t depth = panel > 64 ? 64 : 128;

std::int64_t count(const float* x, std::int64_t n) {
  std::int64_t found = 0, i = 0;
  for (; i + lanes <= n; i += lanes)
    found += __builtin_popcount(to_bits(Vec::load(x + i) != Vec(0.0f)));
  for (; i < n; ++i) found += x[i] != 0;
  return found;
}

std::int64_t list(const float* x, std::int64_t n, float* values, std::uint16_t* columns) {
  std::int64_t found = 0, i = 0;
  for (; i + lanes <= n; i += lanes) {
    const Vec v = Vec::load(x + i);
    found +=
        append(v, v != Vec(0.0f), static_cast<std::uint16_t>(i), values + found, columns + found);
  }
  for (; i < n; ++i) {  // without a branch: which are zeros is no pattern
    values[found] = x[i];
    columns[found] = static_cast<std::uint16_t>(i);
    found += x[i] != 0;
  }
  return found;
}

constexpr std::int64_t rounded_up(std::int64_t n) { return (n + lanes - 1) / lanes * lanes; }

RECTIFY_INLINE Mask is_finite(Vec v) { return abs(v) <= Vec(3.40282347e38f); }

bool pack(const float* b, std::int64_t stride, std::int64_t rows, std::int64_t columns,
          float* packed) {
  const std::int64_t width = rounded_up(columns), whole = columns / lanes * lanes;
  Mask finite = to_mask((std::uint64_t{1} << lanes) - 1);
  for (std::int64_t k = 0; k < rows; ++k, b += stride, packed += width) {
    std::int64_t j = 0;
    for (; j < whole; j += lanes) {
      const Vec v = Vec::load(b + j);
      finite = finite & is_finite(v);
      v.store(packed + j);
    }
    if (j == columns) continue;
    const Vec v = Vec::load_part(b + j, static_cast<std::size_t>(columns - j));
    finite = finite & is_finite(v);
    v.store(packed + j);
  }
  return !any(!finite);
}

bool pack_transposed(const float* b, std::int64_t stride, std::int64_t rows, std::int64_t columns,
                     float* packed) {
  const std::int64_t width = rounded_up(columns);
  for (std::int64_t j = 0; j < columns; j += lanes) {
    const std::int64_t wide = columns - j < lanes ? columns - j : lanes;
    for (std::int64_t k = 0; k < rows; k += lanes) {
      const std::int64_t deep = rows - k < lanes ? rows - k : lanes;
      transpose_square(b + j * stride + k, stride, packed + k * width + j, width,
                       static_cast<std::size_t>(wide), static_cast<std::size_t>(deep), lanes);
    }
  }
  Mask finite = to_mask((std::uint64_t{1} << lanes) - 1);
  for (std::int64_t i = 0; i < rows * width; i += lanes)
    finite = finite & is_finite(Vec::load(packed + i));
  return !any(!finite);
}

/// Prefetches the share of the r-th of `rows`.
RECTIFY_INLINE void prefetch(const Ahead& ahead, std::int64_t r, std::int64_t rows) {
  constexpr std::int64_t line = 64;
  const std::int64_t end = (r + 1) * ahead.rows / rows;
  for (std::int64_t i = r * ahead.rows / rows; i < end; ++i)
    for (std::int64_t b = 0; b < ahead.bytes + line; b += line)  // it need not begin on a line
      __builtin_prefetch(ahead.at + i * ahead.stride + b, 0, 2);
}

template <std::size_t vectors>
void multiply_by(const NonzeroRows& a, std::int64_t rows, const float* packed, const Sums& sums,
                 const Ahead& ahead) {
  constexpr std::int64_t width = vectors * lanes;
  const float* from = sums.from;
  float* to = sums.to;
  for (std::int64_t r = 0; r < rows; ++r, to += sums.stride) {
    prefetch(ahead, r, rows);
    Vec sum[vectors];
    for (std::size_t i = 0; i < vectors; ++i)
      sum[i] = sums.from ? Vec::load(from + r * width + i * lanes) : Vec(0.0f);
    for (std::uint32_t at = a.starts[r * a.row]; at < a.starts[r * a.row + 1]; ++at) {
      const float* const row = packed + a.columns[at] * width;
      const Vec factor(a.values[at]);
      for (std::size_t i = 0; i < vectors; ++i)
        sum[i] = fma(factor, Vec::load(row + i * lanes), sum[i]);
    }
    for (std::size_t i = 0; i + 1 < vectors; ++i) sum[i].store(to + i * lanes);
    constexpr std::int64_t last = width - lanes;
    if (sums.columns == width)
      sum[vectors - 1].store(to + last);
    else
      sum[vectors - 1].store_part(to + last, static_cast<std::size_t>(sums.columns - last));
  }
}

void multiply(const NonzeroRows& a, std::int64_t rows, const float* packed, const Sums& sums,
              const Ahead& ahead) {
  constexpr void (*by[])(const NonzeroRows&, std::int64_t, const float*, const Sums&,
                         const Ahead&) = {multiply_by<1>, multiply_by<2>, multiply_by<3>,
                                          multiply_by<4>, multiply_by<5>, multiply_by<6>,
                                          multiply_by<7>, multiply_by<8>};
  by[(sums.columns + lanes - 1) / lanes - 1](a, rows, packed, sums, ahead);
}

}  // namespace

extern const SparseLoops sparse_loops;
const SparseLoops sparse_loops = {panel, depth, lanes,           count,
                                  list,  pack,  pack_transposed, multiply};

}  // namespace rectify::run::cpu::RECTIFY_ISA
