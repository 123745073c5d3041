#include "rectify/run/cpu/sparse/narrow_loops.h"

#include <utility>

#include "rectify/base/simd.h"

// Everything here has internal linkage or lives in a namespace of its instruction set: the linker
// must not merge it with code built for another.

namespace rectify::run::cpu::RECTIFY_ISA {

using namespace rectify::RECTIFY_ISA;

namespace {

constexpr std::int64_t lanes = Vec::lanes;
/// Vectors of a panel's row: with 16 registers two rows of sums leave four for factors.
constexpr std::size_t most_vectors = lanes == 16 ? 8 : 6;
constexpr std::int64_t panel = most_vectors * lanes;

/// The sums of one row in a panel.
template <std::size_t vectors>
struct Sums {
  Vec sum[vectors];

  RECTIFY_INLINE void load(const float* y, std::size_t in_last) {
    constexpr std::size_t last = vectors - 1;
    for (std::size_t i = 0; i < last; ++i) sum[i] = Vec::load(y + i * Vec::lanes);
    const float* const end = y + last * Vec::lanes;
    sum[last] = in_last == Vec::lanes ? Vec::load(end) : Vec::load_part(end, in_last);
  }
  RECTIFY_INLINE void store(float* y, std::size_t in_last) const {
    constexpr std::size_t last = vectors - 1;
    for (std::size_t i = 0; i < last; ++i) sum[i].store(y + i * Vec::lanes);
    float* const end = y + last * Vec::lanes;
    if (in_last == Vec::lanes)
      sum[last].store(end);
    else
      sum[last].store_part(end, in_last);
  }
};

/// Asks for a row of a panel, which the first cache will then have when its turn comes: rows that
/// are read lie too far apart for the processor to foresee them.
template <std::size_t bytes>
RECTIFY_INLINE void prefetch(const void* row) {
  constexpr std::size_t line = 64;
  for (std::size_t at = 0; at < bytes; at += line)
    __builtin_prefetch(static_cast<const std::byte*>(row) + at);
}

template <class Weight, std::size_t vectors>
void add_to_one(const NarrowEntries& entries, const Weight* w, std::size_t in_last, float* y) {
  constexpr std::size_t width = vectors * Vec::lanes;
  Sums<vectors> sums;
  sums.load(y, in_last);
  for (std::int64_t e = 0; e < entries.count; ++e) {
    prefetch<width * sizeof(Weight)>(w + entries.places[e + narrow_ahead] * width);
    const Weight* const row = w + entries.places[e] * width;
    const Vec x(entries.first[e]);
    for (std::size_t i = 0; i < vectors; ++i)
      sums.sum[i] = fma(x, Vec::load(row + i * Vec::lanes), sums.sum[i]);
  }
  sums.store(y, in_last);
}

template <class Weight, std::size_t vectors>
void add_to_two(const NarrowEntries& entries, const Weight* w, std::size_t in_last, float* y,
                float* z) {
  Sums<vectors> first, second;
  first.load(y, in_last);
  second.load(z, in_last);
  for (std::int64_t e = 0; e < entries.count; ++e) {
    const Weight* const row = w + entries.places[e] * vectors * Vec::lanes;
    const Vec x(entries.first[e]), x2(entries.second[e]);
    for (std::size_t i = 0; i < vectors; ++i) {
      const Vec wide = Vec::load(row + i * Vec::lanes);
      first.sum[i] = fma(x, wide, first.sum[i]);
      second.sum[i] = fma(x2, wide, second.sum[i]);
    }
  }
  first.store(y, in_last);
  second.store(z, in_last);
}

template <class Weight, std::size_t vectors>
void add_rows(const NarrowEntries& entries, const Weight* w, std::size_t in_last, float* y,
              float* z) {
  if (z)
    add_to_two<Weight, vectors>(entries, w, in_last, y, z);
  else
    add_to_one<Weight, vectors>(entries, w, in_last, y);
}

template <class Weight, std::size_t... i>
void add_each(std::index_sequence<i...>, const NarrowEntries& entries, const Weight* w,
              std::int64_t columns, float* y, float* z) {
  constexpr decltype(&add_rows<Weight, 1>) by_width[] = {add_rows<Weight, i + 1>...};
  const std::int64_t last = (columns - 1) / lanes;
  by_width[last](entries, w, static_cast<std::size_t>(columns - last * lanes), y, z);
}

template <class Weight>
void add(const NarrowEntries& entries, const Weight* w, std::int64_t columns, float* y, float* z) {
  add_each(std::make_index_sequence<most_vectors>(), entries, w, columns, y, z);
}

}  // namespace

extern const NarrowLoops narrow_loops;
const NarrowLoops narrow_loops = {panel, lanes, add<std::int8_t>, add<bfloat16>};

}  // namespace rectify::run::cpu::RECTIFY_ISA
