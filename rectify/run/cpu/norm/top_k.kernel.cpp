#include "rectify/run/cpu/norm/top_k.h"

#include "rectify/base/simd.h"
#include "rectify/run/cpu/norm/row_vectors.h"

// Everything here has internal linkage or lives in a namespace of its instruction set: the linker
// must not merge it with code built for another.

namespace rectify::RECTIFY_ISA {

namespace {

/// What a number counts in the choice: itself above 0, a NaN +inf, any other 0.
RECTIFY_INLINE Vec rank_of(Vec x) {
  return select(x > 0, x, select(x != x, Vec(__builtin_inff()), Vec(0)));
}

RECTIFY_INLINE std::int32_t bits_of(float v) {
  std::int32_t b;
  __builtin_memcpy(&b, &v, sizeof b);
  return b;
}
RECTIFY_INLINE float float_of(std::int32_t b) {
  float v;
  __builtin_memcpy(&v, &b, sizeof v);
  return v;
}

/// Numbers above 0, and the smallest and the largest of them.
struct Candidates {
  std::size_t count = 0;
  float least = __builtin_inff(), most = 0;
};

/// Lists the ranks above 0 of a row.
RECTIFY_INLINE Candidates list_ranks(const float* x, std::size_t width, float* list) {
  Candidates found;
  Vec least = __builtin_inff(), most = 0;
  each_vector(width, [&](std::size_t i, std::size_t n) {
    const Vec rank = rank_of(load(x + i, n));  // lanes beyond the row are 0
    const Mask above = rank > 0;
    append(rank, above, list + found.count);
    found.count += static_cast<std::size_t>(__builtin_popcount(to_bits(above)));
    least = select(above & (rank < least), rank, least);
    most = select(rank > most, rank, most);
  });
  float lane[Vec::lanes];
  least.store(lane);
  for (const float v : lane) found.least = v < found.least ? v : found.least;
  most.store(lane);
  for (const float v : lane) found.most = v > found.most ? v : found.most;
  return found;
}

RECTIFY_INLINE std::size_t count_above(const float* list, std::size_t size, Vec bound) {
  std::size_t count = 0;
  each_vector(size, [&](std::size_t i, std::size_t n) {
    count += static_cast<std::size_t>(__builtin_popcount(to_bits(load(list + i, n) > bound)));
  });
  return count;
}

/// Keeps the numbers of a list that are above `low` and at most `high`, in its own memory: a vector
/// is read before any of its lanes is written. Returns how many they are.
RECTIFY_INLINE std::size_t narrow_list(float* list, std::size_t size, Vec low, Vec high) {
  std::size_t count = 0;
  each_vector(size, [&](std::size_t i, std::size_t n) {
    const Vec v = load(list + i, n);
    const Mask inside = (v > low) & (v <= high);
    append(v, inside, list + count);
    count += static_cast<std::size_t>(__builtin_popcount(to_bits(inside)));
  });
  return count;
}

/// The number that is `rank`-th from the top, from 1, of a list of more than `rank` numbers above
/// 0. The bits of such floats, as integers, are in the floats' own order. So the interval of bits
/// that holds the number is halved, and the list is cut down to it: most rows end after few passes
/// over lists that shrink, the worst after 31.
RECTIFY_INLINE float from_the_top(float* list, const Candidates& all, std::size_t rank) {
  std::int32_t low = bits_of(all.least) - 1, high = bits_of(all.most);  // it is in (low, high]
  for (std::size_t size = all.count; high - low > 1;) {
    const std::int32_t middle = low + (high - low) / 2;
    const std::size_t above = count_above(list, size, float_of(middle));
    if (above >= rank)
      low = middle;
    else
      high = middle, rank -= above;
    if (above > 0 && above < size) size = narrow_list(list, size, float_of(low), float_of(high));
    if (size == 1) return list[0];
  }
  return float_of(high);
}

/// The row with what is below the bound at 0, and of those at the bound but the first `ties`.
RECTIFY_INLINE void cut_row(const float* x, float* y, std::size_t width, float bound,
                            std::size_t ties) {
  each_vector(width, [&](std::size_t i, std::size_t n) {
    const Vec v = load(x + i, n), rank = rank_of(v);
    Mask stays = rank > bound;
    if (std::uint32_t equal = to_bits(rank == bound); equal != 0) {
      std::uint32_t first = 0;
      for (; equal != 0 && ties > 0; --ties, equal &= equal - 1) first |= equal & -equal;
      stays = stays | to_mask(first);
    }
    store(select(stays, v, Vec(0)), y + i, n);
  });
}

void top_k(const float* x, float* y, std::size_t rows, std::size_t width, std::size_t keep,
           float* list) {
  for (; rows > 0; --rows, x += width, y += width) {
    const Candidates all = list_ranks(x, width, list);
    if (all.count <= keep) {
      each_vector(width, [&](std::size_t i, std::size_t n) {
        const Vec v = load(x + i, n);
        store(select(rank_of(v) > 0, v, Vec(0)), y + i, n);
      });
      continue;
    }
    const float bound = from_the_top(list, all, keep);
    std::size_t above = 0;
    each_vector(width, [&](std::size_t i, std::size_t n) {
      above += static_cast<std::size_t>(
          __builtin_popcount(to_bits(rank_of(load(x + i, n)) > Vec(bound))));
    });
    cut_row(x, y, width, bound, keep - above);
  }
}

void top_k_gradient(const float* y, const float* dy, float* dx, std::size_t count) {
  each_vector(count, [&](std::size_t i, std::size_t n) {
    store(select(load(y + i, n) != 0, load(dy + i, n), Vec(0)), dx + i, n);
  });
}

}  // namespace

}  // namespace rectify::RECTIFY_ISA

namespace rectify::run::cpu::RECTIFY_ISA {

extern const TopKLoops top_k_loops;
const TopKLoops top_k_loops = {rectify::RECTIFY_ISA::top_k, rectify::RECTIFY_ISA::top_k_gradient};

}  // namespace rectify::run::cpu::RECTIFY_ISA
