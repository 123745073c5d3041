#include "rectify/base/simd.h"
#include "rectify/run/cpu/convolution/winograd_loops.h"

// Everything here has internal linkage or lives in a namespace of its instruction set: the linker
// must not merge it with code built for another.

namespace rectify::run::cpu::RECTIFY_ISA {

using rectify::RECTIFY_ISA::fma;
using rectify::RECTIFY_ISA::Vec;

namespace {

constexpr auto lanes = static_cast<std::int64_t>(Vec::lanes);
constexpr int tile = winograd_tile, patch = winograd_patch, taps_of_axis = 3;

// One axis of each change (Lavin and Gray's section 4) at the points 0, a, -a, b, -b and infinity.
// That these are not 1 and 2 costs hardly more and makes the errors smaller: Barabasz et al. 2020
// (arXiv:1803.10986) say why. All constants but those of the weights are exact.
constexpr double a = 0.625, b = 1.5, a2 = a * a, b2 = b * b;

/// B' of six pixels.
struct PatchToPoints {
  static constexpr int from = patch, to = patch;
  RECTIFY_INLINE void operator()(const Vec* d, Vec* p) const {
    const Vec even = fma(Vec(-b2), d[2], d[4]), odd = fma(Vec(-a * b2), d[1], Vec(a) * d[3]);
    const Vec far_even = fma(Vec(-a2), d[2], d[4]),
              far_odd = fma(Vec(-a2 * b), d[1], Vec(b) * d[3]);
    p[0] = fma(Vec(a2 * b2), d[0], fma(Vec(-a2 - b2), d[2], d[4]));
    p[1] = even + odd;
    p[2] = even - odd;
    p[3] = far_even + far_odd;
    p[4] = far_even - far_odd;
    p[5] = fma(Vec(a2 * b2), d[1], fma(Vec(-a2 - b2), d[3], d[5]));
  }
};

/// A' of six points.
struct PointsToResults {
  static constexpr int from = patch, to = tile;
  RECTIFY_INLINE void operator()(const Vec* p, Vec* y) const {
    const Vec near = p[1] + p[2], near_odd = p[1] - p[2];
    const Vec far = p[3] + p[4], far_odd = p[3] - p[4];
    y[0] = (p[0] + near) + far;
    y[1] = fma(Vec(b), far_odd, Vec(a) * near_odd);
    y[2] = fma(Vec(b2), far, Vec(a2) * near);
    y[3] = fma(Vec(b * b2), far_odd, fma(Vec(a * a2), near_odd, p[5]));
  }
};

/// A of the gradients in four results.
struct GradientsToPoints {
  static constexpr int from = tile, to = patch;
  RECTIFY_INLINE void operator()(const Vec* y, Vec* p) const {
    const Vec even = fma(Vec(a2), y[2], y[0]), odd = fma(Vec(a2), y[3], y[1]);
    const Vec far_even = fma(Vec(b2), y[2], y[0]), far_odd = fma(Vec(b2), y[3], y[1]);
    p[0] = y[0];
    p[1] = fma(Vec(a), odd, even);
    p[2] = fma(Vec(-a), odd, even);
    p[3] = fma(Vec(b), far_odd, far_even);
    p[4] = fma(Vec(-b), far_odd, far_even);
    p[5] = y[3];
  }
};

/// What the rows of G for 0, for a and -a, and for b and -b are divided by.
constexpr double of_0 = a2 * b2, of_a = 2 * a2 * (a2 - b2), of_b = 2 * b2 * (b2 - a2);

/// G of three taps.
struct TapsToPoints {
  static constexpr int from = taps_of_axis, to = patch;
  RECTIFY_INLINE void operator()(const Vec* g, Vec* p) const {
    const Vec even = Vec(1 / of_a) * fma(Vec(a2), g[2], g[0]), odd = Vec(a / of_a) * g[1];
    const Vec far_even = Vec(1 / of_b) * fma(Vec(b2), g[2], g[0]), far_odd = Vec(b / of_b) * g[1];
    p[0] = Vec(1 / of_0) * g[0];
    p[1] = even + odd;
    p[2] = even - odd;
    p[3] = far_even + far_odd;
    p[4] = far_even - far_odd;
    p[5] = g[2];
  }
};

/// G' of six points.
struct PointsToTaps {
  static constexpr int from = patch, to = taps_of_axis;
  RECTIFY_INLINE void operator()(const Vec* p, Vec* g) const {
    const Vec near = Vec(1 / of_a) * (p[1] + p[2]), near_odd = Vec(a / of_a) * (p[1] - p[2]);
    const Vec far = Vec(1 / of_b) * (p[3] + p[4]), far_odd = Vec(b / of_b) * (p[3] - p[4]);
    g[0] = fma(Vec(1 / of_0), p[0], near + far);
    g[1] = near_odd + far_odd;
    g[2] = fma(Vec(a2), near, fma(Vec(b2), far, p[5]));
  }
};

/// The second axis of a change of both, of columns whose first axis is changed, into store(y, x,
/// v).
template <class Change, class Store>
RECTIFY_INLINE void change_rows(const Vec (&half)[Change::from][Change::to], const Store& store) {
#pragma GCC unroll 6
  for (int y = 0; y < Change::to; ++y) {
    Vec row[Change::from], changed[Change::to];
#pragma GCC unroll 6
    for (int x = 0; x < Change::from; ++x) row[x] = half[x][y];
    Change()(row, changed);
#pragma GCC unroll 6
    for (int x = 0; x < Change::to; ++x) store(y, x, changed[x]);
  }
}

/// A change of both axes of what is at place(y, x), into store(y, x, v).
template <class Change, class Place, class Store>
RECTIFY_INLINE void change(const Place& place, const Store& store) {
  Vec half[Change::from][Change::to];
#pragma GCC unroll 6
  for (int x = 0; x < Change::from; ++x) {
    Vec column[Change::from];
#pragma GCC unroll 6
    for (int y = 0; y < Change::from; ++y) column[y] = Vec::load(place(y, x));
    Change()(column, half[x]);
  }
  change_rows<Change>(half, store);
}

/// So many tiles side by side, the first of which begins at the pixel (top, left) of a sample.
struct Strip {
  std::int64_t sample, top, left, count;
};

/// Calls visit(strip, where its points begin) for each strip of the tiles.
template <class Visit>
RECTIFY_INLINE void for_strips(const WinogradImages& s, const WinogradTiles& tiles,
                               const Visit& visit) {
  for (std::int64_t i = 0; i < tiles.count;) {
    const std::int64_t at = tiles.first + i, column = at % s.tile_columns,
                       row = at / s.tile_columns;
    const std::int64_t beside = s.tile_columns - column, left = tiles.count - i;
    const Strip strip = {row / s.tile_rows, row % s.tile_rows * tile - s.before_y,
                         column * tile - s.before_x, beside < left ? beside : left};
    visit(strip, i * s.channels);
    i += strip.count;
  }
}

/// A row of pixels beyond the border.
template <class Number>
alignas(64) const Number beyond[patch * winograd_most_channels] = {};

/// The rows of pixels that the squares of a strip have: where that of a tile begins.
template <int size, class Number>
struct Rows {
  const Number* at[size];
  std::int64_t step[size];  ///< to that of the next tile

  RECTIFY_INLINE Rows(const WinogradImages& s, const Strip& strip, const Number* from) {
    for (int y = 0; y < size; ++y) {
      const std::int64_t row = strip.top + y;
      const bool holds = row >= 0 && row < s.height;
      at[y] = holds ? from + ((strip.sample * s.height + row) * s.width + strip.left) * s.channels
                    : beyond<Number>;
      step[y] = holds ? tile * s.channels : 0;
    }
  }
  RECTIFY_INLINE void next() {
    for (int y = 0; y < size; ++y) at[y] += step[y];
  }
};

template <class Change, class Number>
void to_points(const WinogradImages& s, const WinogradTiles& tiles, const Number* from,
               float* points) {
  constexpr int size = Change::from;
  for_strips(s, tiles, [&](const Strip& strip, std::int64_t at) {
    const Rows<size, Number> begin(s, strip, from);
    for (std::int64_t c = 0; c < s.channels; c += lanes) {
      Rows<size, Number> rows = begin;
      float* to = points + at + c;
      std::int64_t left = strip.left;
      for (std::int64_t i = 0; i < strip.count; ++i) {
        Vec half[size][Change::to];
#pragma GCC unroll 6
        for (int x = 0; x < size; ++x) {
          Vec column[size];
          const bool holds = left + x >= 0 && left + x < s.width;
#pragma GCC unroll 6
          for (int y = 0; y < size; ++y)
            column[y] = holds ? Vec::load(rows.at[y] + x * s.channels + c) : Vec(0);
          Change()(column, half[x]);
        }
        change_rows<Change>(
            half, [&](int y, int x, Vec v) { v.store(to + (y * patch + x) * tiles.plane); });
        rows.next();
        to += s.channels;
        left += tile;
      }
    }
  });
}

/// Both axes of A' m A, of points that load(x, column) gives: the second is added to column by
/// column, so that nothing has to wait in memory.
template <class Load>
RECTIFY_INLINE void to_results(const Load& load, Vec (&y)[tile][tile]) {
  const auto half = [&](int x, Vec* to) {
    Vec column[patch];
    load(x, column);
    PointsToResults()(column, to);
  };
  Vec plus[tile], minus[tile];
  half(0, plus);
  half(patch - 1, minus);
#pragma GCC unroll 4
  for (int k = 0; k < tile; ++k) y[k][0] = plus[k], y[k][3] = minus[k];
  half(1, plus), half(2, minus);
#pragma GCC unroll 4
  for (int k = 0; k < tile; ++k) {
    const Vec near = plus[k] + minus[k], near_odd = plus[k] - minus[k];
    y[k][0] += near;
    y[k][1] = Vec(a) * near_odd;
    y[k][2] = Vec(a2) * near;
    y[k][3] = fma(Vec(a * a2), near_odd, y[k][3]);
  }
  half(3, plus), half(4, minus);
#pragma GCC unroll 4
  for (int k = 0; k < tile; ++k) {
    const Vec far = plus[k] + minus[k], far_odd = plus[k] - minus[k];
    y[k][0] += far;
    y[k][1] = fma(Vec(b), far_odd, y[k][1]);
    y[k][2] = fma(Vec(b2), far, y[k][2]);
    y[k][3] = fma(Vec(b * b2), far_odd, y[k][3]);
  }
}

/// The results of a tile in the channels from c on; so many rows and columns are inside the border.
template <bool whole, class Number>
RECTIFY_INLINE void tile_of_results(const float* points, std::int64_t plane, Vec bias,
                                    std::int64_t rows, std::int64_t columns, Number* to,
                                    std::int64_t row, std::int64_t pixel) {
  Vec y[tile][tile];
  to_results(
      [&](int x, Vec* column) {
#pragma GCC unroll 6
        for (int k = 0; k < patch; ++k) column[k] = Vec::load(points + (k * patch + x) * plane);
      },
      y);
#pragma GCC unroll 4
  for (int k = 0; k < tile; ++k)
#pragma GCC unroll 4
    for (int x = 0; x < tile; ++x)
      if (whole || (k < rows && x < columns)) (y[k][x] + bias).store(to + k * row + x * pixel);
}

template <class Number>
void results(const WinogradImages& s, const WinogradTiles& tiles, const float* points,
             const float* bias, Number* to) {
  const std::int64_t pixel = s.channels, row = s.width * pixel;
  for_strips(s, tiles, [&](const Strip& strip, std::int64_t at) {
    Number* const begin = to + (strip.sample * s.height + strip.top) * row + strip.left * pixel;
    const std::int64_t rows = s.height - strip.top;
    for (std::int64_t c = 0; c < s.channels; c += lanes) {
      const Vec added = bias ? Vec::load(bias + c) : Vec(0);
      for (std::int64_t i = 0; i < strip.count; ++i) {
        const std::int64_t columns = s.width - strip.left - i * tile;
        const float* const own = points + at + i * s.channels + c;
        Number* const place = begin + i * tile * pixel + c;
        if (rows >= tile && columns >= tile)
          tile_of_results<true>(own, tiles.plane, added, rows, columns, place, row, pixel);
        else
          tile_of_results<false>(own, tiles.plane, added, rows, columns, place, row, pixel);
      }
    }
  });
}

void weights(const std::array<const float*, 9>& taps, std::int64_t size, std::int64_t first,
             std::int64_t count, float* points) {
  for (std::int64_t i = first; i < first + count; i += lanes)
    change<TapsToPoints>(
        [&](int y, int x) { return taps.data()[y * taps_of_axis + x] + i; },
        [&](int y, int x, Vec v) { v.store(points + (y * patch + x) * size + i); });
}

void weight_gradients(const float* points, std::int64_t size, float* taps) {
  for (std::int64_t i = 0; i < size; i += lanes)
    change<PointsToTaps>(
        [&](int y, int x) { return points + (y * patch + x) * size + i; },
        [&](int y, int x, Vec v) { v.store(taps + (y * taps_of_axis + x) * size + i); });
}

template <class Number>
constexpr WinogradImageLoops<Number> image_loops = {
    to_points<PatchToPoints, Number>, to_points<GradientsToPoints, Number>, results<Number>};

}  // namespace

extern const WinogradLoops winograd_loops;
const WinogradLoops winograd_loops = {image_loops<float>, image_loops<bfloat16>, weights,
                                      weight_gradients};

}  // namespace rectify::run::cpu::RECTIFY_ISA
