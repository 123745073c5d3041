// Forward passes with a second task in the same pass: add a bias, count, or keep a mask.

#include "rectify/activation/loops.h"

namespace rectify::RECTIFY_ISA {
namespace {

template <class R>
[[gnu::flatten]] void forward_bias(const float* x, const float* bias, float* y, std::size_t rows,
                                   std::size_t columns, const Parameters& p) {
  with_parameters<R>(p, [=](const Parameters& q) {
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t at = r * columns;
      map(
          y + at, columns, [&q](auto v, auto b) { return R::value(v + b, q); }, x + at, bias);
    }
  });
}

/// Goes down a band of columns that is `vectors` vectors wide, so that its counts stay in
/// registers. `breadth` columns are left; they are fewer than the band only at the last, partial
/// vector.
template <class R, std::size_t vectors>
RECTIFY_INLINE void count_columns(const float* x, float* y, std::size_t rows, std::size_t columns,
                                  std::size_t breadth, std::uint32_t* zeros, std::uint32_t* firing,
                                  const Parameters& p) {
  const bool part = breadth < Vec::lanes;
  Counter zero[vectors], above[vectors];
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t i = 0; i < vectors; ++i) {
      const float* from = x + r * columns + i * Vec::lanes;
      float* to = y + r * columns + i * Vec::lanes;
      const Vec v = R::value(part ? Vec::load_part(from, breadth) : Vec::load(from), p);
      part ? v.store_part(to, breadth) : v.store(to);
      zero[i].add(v == 0);
      above[i].add(v > 0);
    }
  }
  for (std::size_t i = 0; i < vectors; ++i) {
    zero[i].add_to(zeros + i * Vec::lanes, part ? breadth : Vec::lanes);
    above[i].add_to(firing + i * Vec::lanes, part ? breadth : Vec::lanes);
  }
}

template <class R>
[[gnu::flatten]] void forward_counted(const float* x, float* y, std::size_t rows,
                                      std::size_t columns, std::uint32_t* zeros,
                                      std::uint32_t* firing, const Parameters& p) {
  constexpr std::size_t several = 4, wide = several * Vec::lanes;
  with_parameters<R>(p, [=](const Parameters& q) {
    std::size_t c = 0;
    for (; c + wide <= columns; c += wide)
      count_columns<R, several>(x + c, y + c, rows, columns, wide, zeros + c, firing + c, q);
    for (; c < columns; c += Vec::lanes)
      count_columns<R, 1>(x + c, y + c, rows, columns, columns - c, zeros + c, firing + c, q);
  });
}

/// Stores n bits, at most 64, into the bytes from p on.
RECTIFY_INLINE void store_bits(std::uint64_t all, std::uint8_t* p, std::size_t n) {
  for (std::size_t i = 0; 8 * i < n; ++i) p[i] = static_cast<std::uint8_t>(all >> 8 * i);
}
RECTIFY_INLINE std::uint64_t load_bits(const std::uint8_t* p, std::size_t n) {
  std::uint64_t all = 0;
  for (std::size_t i = 0; 8 * i < n; ++i) all |= std::uint64_t{p[i]} << 8 * i;
  return all;
}

template <class R>
[[gnu::flatten]] void forward_mask(const float* x, float* y, std::uint8_t* mask, std::size_t n,
                                   const Parameters& p) {
  const Parameters q = p;
  constexpr std::size_t step = 64;  // elements, so that whole bytes are written
  for (std::size_t i = 0; i < n; i += step) {
    const std::size_t end = n - i < step ? n - i : step;
    std::uint64_t all = 0;
    for (std::size_t j = 0; j < end; j += Vec::lanes) {
      const bool part = end - j < Vec::lanes;
      const Vec v = part ? Vec::load_part(x + i + j, end - j) : Vec::load(x + i + j);
      all |= std::uint64_t{to_bits(R::slope(v, q) != 0)} << j;
      const Vec value = R::value(v, q);
      part ? value.store_part(y + i + j, end - j) : value.store(y + i + j);
    }
    if (end < step) all &= (std::uint64_t{1} << end) - 1;
    store_bits(all, mask + i / 8, end);
  }
}

[[gnu::flatten]] void backward_mask(const std::uint8_t* mask, const float* dy, float* dx,
                                    std::size_t n) {
  constexpr std::size_t step = 64;
  for (std::size_t i = 0; i < n; i += step) {
    const std::size_t end = n - i < step ? n - i : step;
    const std::uint64_t all = load_bits(mask + i / 8, end);
    for (std::size_t j = 0; j < end; j += Vec::lanes) {
      const bool part = end - j < Vec::lanes;
      const Vec d = part ? Vec::load_part(dy + i + j, end - j) : Vec::load(dy + i + j);
      const Vec v = select(to_mask(static_cast<std::uint32_t>(all >> j)), d, Vec(0));
      part ? v.store_part(dx + i + j, end - j) : v.store(dx + i + j);
    }
  }
}

}  // namespace

void fill_fused(Kernels* table) {
  for_each_row(table, []<class R>(R, Kernels& k) {
    k.forward_bias = &forward_bias<R>;
    k.forward_counted = &forward_counted<R>;
    if constexpr (activation::HasMaskSlope<R>) {
      k.forward_mask = &forward_mask<R>;
      k.backward_mask = &backward_mask;
    }
  });
}

}  // namespace rectify::RECTIFY_ISA
