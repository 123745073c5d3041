#include "rectify/run/cpu/norm/row_vectors.h"
#include "rectify/run/cpu/pool_loops.h"

// Everything here has internal linkage or lives in a namespace of its instruction set: the linker
// must not merge it with code built for another.

namespace rectify::run::cpu::RECTIFY_ISA {

using rectify::RECTIFY_ISA::load;
using rectify::RECTIFY_ISA::Mask;
using rectify::RECTIFY_ISA::select;
using rectify::RECTIFY_ISA::store;
using rectify::RECTIFY_ISA::Vec;

namespace {

/// The taps of a window that lie in the image: rows [top, bottom), columns [left, right).
struct Taps {
  std::int64_t top, bottom, left, right;

  RECTIFY_INLINE Taps(const PoolSize& s, std::int64_t row, std::int64_t column) {
    const std::int64_t y = row * s.stride_y - s.before_y, x = column * s.stride_x - s.before_x;
    top = y < 0 ? 0 : y;
    left = x < 0 ? 0 : x;
    bottom = y + s.height < s.in_height ? y + s.height : s.in_height;
    right = x + s.width < s.in_width ? x + s.width : s.in_width;
  }

  RECTIFY_INLINE float count() const { return static_cast<float>((bottom - top) * (right - left)); }

  /// Calls visit(offset of the tap's pixel, number of the tap).
  template <class Visit>
  RECTIFY_INLINE void each(const PoolSize& s, const Visit& visit) const {
    float number = 0;
    for (std::int64_t y = top; y < bottom; ++y)
      for (std::int64_t x = left; x < right; ++x, number += 1)
        visit((y * s.in_width + x) * s.channels, number);
  }
};

/// Calls visit(taps, first channel, channels, offset in the row) for each vector of a row of
/// places.
template <class Visit>
RECTIFY_INLINE void each_vector(const PoolSize& s, std::int64_t row, const Visit& visit) {
  for (std::int64_t column = 0; column < s.out_width; ++column) {
    const Taps taps(s, row, column);
    for (std::int64_t c = 0; c < s.channels; c += static_cast<std::int64_t>(Vec::lanes)) {
      const auto left = static_cast<std::size_t>(s.channels - c);
      visit(taps, c, left < Vec::lanes ? left : Vec::lanes, column * s.channels + c);
    }
  }
}

/// Whether v is chosen before what has been found: larger, or the first NaN.
RECTIFY_INLINE Mask better(Vec v, Vec best) { return (!(v <= best)) & (best == best); }

template <class Number>
void largest(const PoolSize& s, const Number* x, std::int64_t row, Number* to) {
  each_vector(s, row, [&](const Taps& taps, std::int64_t c, std::size_t n, std::int64_t at) {
    Vec best = -__builtin_inff();
    taps.each(s, [&](std::int64_t pixel, float) {
      const Vec v = load(x + pixel + c, n);
      best = select(better(v, best), v, best);
    });
    store(best, to + at, n);
  });
}

/// Whether every pixel lies in one window and no more, so that each is written once.
bool windows_tile(const PoolSize& s) {
  return s.height == s.stride_y && s.width == s.stride_x && s.before_y == 0 && s.before_x == 0 &&
         s.out_height * s.stride_y >= s.in_height && s.out_width * s.stride_x >= s.in_width;
}

/// `once`: windows_tile().
template <bool once, class Number>
RECTIFY_INLINE void largest_gradients(const PoolSize& s, const Number* x, const Number* dy,
                                      Number* dx) {
  if (!once)
    for (std::int64_t i = 0; i < s.in_height * s.in_width * s.channels; ++i) dx[i] = Number{};
  for (std::int64_t row = 0; row < s.out_height; ++row) {
    const Number* from = dy + row * s.out_width * s.channels;
    each_vector(s, row, [&](const Taps& taps, std::int64_t c, std::size_t n, std::int64_t at) {
      Vec best = -__builtin_inff(), chosen = 0;
      taps.each(s, [&](std::int64_t pixel, float number) {
        const Vec v = load(x + pixel + c, n);
        const Mask now = better(v, best);
        best = select(now, v, best);
        chosen = select(now, Vec(number), chosen);
      });
      const Vec gradient = load(from + at, n);
      taps.each(s, [&](std::int64_t pixel, float number) {
        Number* const to = dx + pixel + c;
        const Vec own = select(chosen == Vec(number), gradient, Vec(0));
        store(once ? own : load(to, n) + own, to, n);
      });
    });
  }
}

template <class Number>
void largest_gradient(const PoolSize& s, const Number* x, const Number* dy, Number* dx) {
  windows_tile(s) ? largest_gradients<true>(s, x, dy, dx) : largest_gradients<false>(s, x, dy, dx);
}

void mean(const PoolSize& s, const float* x, std::int64_t row, float* to) {
  each_vector(s, row, [&](const Taps& taps, std::int64_t c, std::size_t n, std::int64_t at) {
    Vec sum = 0;
    taps.each(s, [&](std::int64_t pixel, float) { sum += load(x + pixel + c, n); });
    store(sum / Vec(taps.count()), to + at, n);
  });
}

void mean_gradient(const PoolSize& s, const float*, const float* dy, float* dx) {
  for (std::int64_t i = 0; i < s.in_height * s.in_width * s.channels; ++i) dx[i] = 0;
  for (std::int64_t row = 0; row < s.out_height; ++row) {
    const float* from = dy + row * s.out_width * s.channels;
    each_vector(s, row, [&](const Taps& taps, std::int64_t c, std::size_t n, std::int64_t at) {
      const Vec share = load(from + at, n) / Vec(taps.count());
      taps.each(s, [&](std::int64_t pixel, float) {
        float* const to = dx + pixel + c;
        store(load(to, n) + share, to, n);
      });
    });
  }
}

}  // namespace

extern const PoolLoops pool_loops;
const PoolLoops pool_loops = {largest<float>,          mean,
                              largest_gradient<float>, mean_gradient,
                              largest<bfloat16>,       largest_gradient<bfloat16>};

}  // namespace rectify::run::cpu::RECTIFY_ISA
