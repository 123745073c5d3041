#include "rectify/run/cpu/convolution/nonzero_loops.h"

#include "rectify/base/simd.h"

// Everything here has internal linkage or lives in a namespace of its instruction set: the linker
// must not merge it with code built for another.

namespace rectify::run::cpu::RECTIFY_ISA {

using namespace rectify::RECTIFY_ISA;

namespace {

constexpr std::int64_t lanes = Vec::lanes;
constexpr std::size_t most_vectors = 4;
/// Sums in registers: rows of a window are taken in blocks of so many.
constexpr std::size_t most_sums = lanes == 16 ? 20 : 10;
constexpr std::size_t most_rows(std::size_t vectors) {
  return most_sums / vectors < 5 ? most_sums / vectors : 5;
}

std::int64_t count(const float* numbers, std::int64_t n) {
  std::int64_t found = 0, i = 0;
  for (; i + lanes <= n; i += lanes)
    found += __builtin_popcount(to_bits(Vec::load(numbers + i) != Vec(0.0f)));
  for (; i < n; ++i) found += numbers[i] != 0;
  return found;
}

/// Bits of a vector's numbers, of which `left` are there, that are not zero.
RECTIFY_INLINE std::uint32_t nonzeros(const float* numbers, std::int64_t left) {
  const bool whole = left >= lanes;
  const Vec v =
      whole ? Vec::load(numbers) : Vec::load_part(numbers, static_cast<std::size_t>(left));
  const std::uint32_t bits = to_bits(v != Vec(0.0f));
  return whole ? bits : bits & ((1u << left) - 1);
}

RECTIFY_INLINE bool any_nonzero(const float* numbers, std::int64_t n) {
  std::uint32_t bits = 0;
  for (std::int64_t i = 0; i < n; i += lanes) bits |= nonzeros(numbers + i, n - i);
  return bits != 0;
}

/// Some rows of what a window covers.
template <std::size_t rows, std::size_t vectors>
struct Sums {
  Vec sum[rows][vectors];

  RECTIFY_INLINE void load(const float* from, std::int64_t pitch) {
    for (std::size_t r = 0; r < rows; ++r, from += pitch)
      for (std::size_t i = 0; i < vectors; ++i) sum[r][i] = Vec::load(from + i * Vec::lanes);
  }
  RECTIFY_INLINE void store(float* to, std::int64_t pitch) const {
    for (std::size_t r = 0; r < rows; ++r, to += pitch)
      for (std::size_t i = 0; i < vectors; ++i) sum[r][i].store(to + i * Vec::lanes);
  }
  RECTIFY_INLINE void add(float factor, const float* from, std::int64_t pitch) {
    const Vec x(factor);
    for (std::size_t r = 0; r < rows; ++r, from += pitch)
      for (std::size_t i = 0; i < vectors; ++i)
        sum[r][i] = fma(x, Vec::load(from + i * Vec::lanes), sum[r][i]);
  }
};

/// A block of a window's rows: `first` is its first.
template <std::size_t rows, std::size_t vectors>
void spread_rows(const CoveredImage& of, std::int64_t first, const float* results,
                 const float* weight, float* image) {
  constexpr std::int64_t width = vectors * lanes;
  weight += first * width;
  image += first * of.pitch;
  for (std::int64_t y = 0; y < of.height; ++y)
    for (std::int64_t x = 0; x < of.width; ++x, results += of.units) {
      if (!any_nonzero(results, of.units)) continue;
      float* const at = image + y * of.down + x * of.across;
      Sums<rows, vectors> sums;
      sums.load(at, of.pitch);
      for (std::int64_t u = 0; u < of.units; u += lanes)
        for (std::uint32_t bits = nonzeros(results + u, of.units - u); bits; bits &= bits - 1) {
          const std::int64_t unit = u + __builtin_ctz(bits);
          sums.add(results[unit], weight + unit * of.rows * width, width);
        }
      sums.store(at, of.pitch);
    }
}

template <std::size_t rows, std::size_t vectors>
void gather_rows(const CoveredImage& of, std::int64_t first, const Nonzero* list,
                 const std::int32_t* ends, const float* image, float* weight) {
  constexpr std::int64_t width = vectors * lanes;
  weight += first * width;
  image += first * of.pitch;
  for (std::int64_t u = 0; u < of.units; ++u, weight += of.rows * width) {
    Sums<rows, vectors> sums;
    sums.load(weight, width);
    const Nonzero* const of_unit = list + u * of.height * of.width;
    for (std::int32_t i = 0; i < ends[u]; ++i)
      sums.add(of_unit[i].number, image + of_unit[i].at, of.pitch);
    sums.store(weight, width);
  }
}

void list(const CoveredImage& of, const float* results, Nonzero* to, std::int32_t* ends) {
  const std::int64_t places = of.height * of.width;
  for (std::int64_t u = 0; u < of.units; ++u) ends[u] = 0;
  for (std::int64_t y = 0; y < of.height; ++y)
    for (std::int64_t x = 0; x < of.width; ++x, results += of.units) {
      const auto at = static_cast<std::int32_t>(y * of.down + x * of.across);
      for (std::int64_t u = 0; u < of.units; u += lanes)
        for (std::uint32_t bits = nonzeros(results + u, of.units - u); bits; bits &= bits - 1) {
          const std::int64_t unit = u + __builtin_ctz(bits);
          to[unit * places + ends[unit]++] = {results[unit], at};
        }
    }
}

template <std::size_t vectors>
struct Spread {
  template <std::size_t rows>
  static void run(const CoveredImage& of, std::int64_t first, const float* results,
                  const float* weight, float* image) {
    spread_rows<rows, vectors>(of, first, results, weight, image);
  }
};

template <std::size_t vectors>
struct Gather {
  template <std::size_t rows>
  static void run(const CoveredImage& of, std::int64_t first, const Nonzero* list,
                  const std::int32_t* ends, const float* image, float* weight) {
    gather_rows<rows, vectors>(of, first, list, ends, image, weight);
  }
};

/// Calls Loop::run<rows> for blocks of `rows` of a window's rows.
template <class Loop, std::size_t most, std::size_t... i, class... Rest>
RECTIFY_INLINE void in_blocks(std::index_sequence<i...>, const CoveredImage& of,
                              const Rest&... rest) {
  constexpr decltype(&Loop::template run<1>) by[] = {&Loop::template run<i + 1>...};
  for (std::int64_t first = 0; first < of.rows; first += most) {
    const std::int64_t left = of.rows - first;
    by[(left < static_cast<std::int64_t>(most) ? left : static_cast<std::int64_t>(most)) - 1](
        of, first, rest...);
  }
}

template <template <std::size_t> class Loop, std::size_t vectors, class... Rest>
RECTIFY_INLINE void with_vectors(const CoveredImage& of, const Rest&... rest) {
  constexpr std::size_t most = most_rows(vectors);
  in_blocks<Loop<vectors>, most>(std::make_index_sequence<most>(), of, rest...);
}

template <template <std::size_t> class Loop, class... Rest>
void run(const CoveredImage& of, const Rest&... rest) {
  switch (of.vectors) {
    case 1:
      return with_vectors<Loop, 1>(of, rest...);
    case 2:
      return with_vectors<Loop, 2>(of, rest...);
    case 3:
      return with_vectors<Loop, 3>(of, rest...);
    default:
      return with_vectors<Loop, 4>(of, rest...);
  }
}

void spread(const CoveredImage& of, const float* results, const float* weight, float* image) {
  run<Spread>(of, results, weight, image);
}

void gather(const CoveredImage& of, const Nonzero* list, const std::int32_t* ends,
            const float* image, float* weight) {
  run<Gather>(of, list, ends, image, weight);
}

}  // namespace

extern const NonzeroLoops nonzero_loops;
const NonzeroLoops nonzero_loops = {lanes, most_vectors, count, spread, list, gather};

}  // namespace rectify::run::cpu::RECTIFY_ISA
