#include "rectify/run/cpu/sparse/loops.h"

#include "rectify/base/simd.h"
#include "rectify/run/cpu/transpose.h"

// Everything here has internal linkage or lives in a namespace of its instruction set: the linker
// must not merge it with code built for another.

namespace rectify::run::cpu::RECTIFY_ISA {

using namespace rectify::RECTIFY_ISA;

namespace {

constexpr std::int64_t lanes = Vec::lanes;
/// Vectors of a panel's row: with 16 registers two rows of sums leave four for factors.
constexpr std::size_t most_vectors = lanes == 16 ? 8 : 6;
constexpr std::int64_t panel = most_vectors * lanes;
/// A packed block of `pairs` takes 32 KiB, 24 KiB without AVX-512. With single rows there is less
/// to do in a block for what it costs to load and store their sums.
constexpr RowGrouping pairs = lanes == 16  ? RowGrouping{64, {1.9, 900, 14, 25, 20}}
                              : lanes == 8 ? RowGrouping{128, {1.9, 600, 10, 25, 15}}
                                           : RowGrouping{256, {1.9, 400, 6, 20, 10}};
constexpr RowGrouping single = lanes == 16  ? RowGrouping{104, {1.35, 430, 7, 50, 1}}
                               : lanes == 8 ? RowGrouping{128, {1.4, 90, 7, 90, 7}}
                                            : RowGrouping{256, {1.2, 400, 6, 10, 10}};

constexpr FewRowsCosts few_rows_costs = lanes == 16  ? FewRowsCosts{3.9, 2.9, 50, 10}
                                        : lanes == 8 ? FewRowsCosts{2.1, 2.1, 38, 7.5}
                                                     : FewRowsCosts{1.0, 0.6, 10, 5};

constexpr std::int64_t bits_a_word = 64;

std::int64_t mark(const float* row, std::int64_t n, float background, std::uint64_t* bits) {
  std::int64_t marked = 0;
  for (std::int64_t at = 0; at < n; at += bits_a_word, ++bits) {
    std::uint64_t word = 0;
    std::int64_t i = at;
    for (; i < at + bits_a_word && i + lanes <= n; i += lanes) {
      const std::uint64_t found = to_bits(Vec::load(row + i) != Vec(background));
      word |= found << (i - at);
    }
    for (; i < at + bits_a_word && i < n; ++i)
      word |= std::uint64_t{row[i] != background} << (i - at);
    *bits = word;
    marked += __builtin_popcountll(word);
  }
  return marked;
}

/// How many numbers of each column of so many vectors are not the background; exact, as floats,
/// up to 2^24 of them.
template <std::size_t vectors>
RECTIFY_INLINE void count_in_columns(const float* a, std::int64_t stride, std::int64_t n,
                                     std::size_t width, Vec background, float* counts) {
  constexpr std::size_t last = (vectors - 1) * Vec::lanes;
  const Vec one(1.0f), none(0.0f);
  Vec count[vectors];
  for (Vec& c : count) c = none;
  for (std::int64_t r = 0; r < n; ++r, a += stride)
    for (std::size_t i = 0; i < vectors; ++i) {
      const bool whole = i + 1 < vectors || width == vectors * Vec::lanes;
      const Vec x = whole ? Vec::load(a + i * Vec::lanes) : Vec::load_part(a + last, width - last);
      count[i] += select(x != background, one, none);
    }
  for (std::size_t i = 0; i < vectors; ++i) count[i].store(counts + i * Vec::lanes);
}

std::int64_t mark_columns(const float* a, std::int64_t stride, std::int64_t n, std::int64_t width,
                          float background, std::uint8_t* any) {
  constexpr std::int64_t at_once = 4 * lanes;
  std::int64_t marked = 0;
  for (std::int64_t c = 0; c < width;) {
    const std::int64_t left = width - c;
    const bool many = left >= at_once;
    const std::int64_t one = left < lanes ? left : lanes, here = many ? at_once : one;
    float counts[at_once];
    if (many)
      count_in_columns<4>(a + c, stride, n, at_once, Vec(background), counts);
    else
      count_in_columns<1>(a + c, stride, n, static_cast<std::size_t>(here), Vec(background),
                          counts);
    for (std::int64_t i = 0; i < here; ++i) {
      any[c + i] = counts[i] > 0;
      marked += static_cast<std::int64_t>(counts[i]);
    }
    c += here;
  }
  return marked;
}

std::int64_t in_common(const std::uint64_t* a, const std::uint64_t* b, std::int64_t words) {
  std::int64_t common = 0;
  for (std::int64_t w = 0; w < words; ++w) common += __builtin_popcountll(a[w] & b[w]);
  return common;
}

// A row that has much itself has much in common with every other, so a part of what it has counts
// against it. Where every second number is marked no partner is much better than the next.
std::int64_t pair(const std::uint64_t* bits, std::int64_t words, const std::int64_t* marked,
                  std::int64_t rows, std::uint8_t* order) {
  std::uint32_t left = rows < 32 ? (1u << rows) - 1 : ~0u;
  std::int64_t entries = 0, all = 0;
  for (std::int64_t r = 0; r < rows; ++r) all += marked[r];
  const bool full = 2 * all >= rows * words * bits_a_word;
  while (left) {
    const std::int64_t row = __builtin_ctz(left);
    left &= left - 1;
    *order++ = static_cast<std::uint8_t>(row);
    entries += marked[row];
    if (!left) break;
    std::int64_t best = -1, best_common = 0, best_score = 0;
    for (std::uint32_t others = full ? left & -left : left; others; others &= others - 1) {
      const std::int64_t other = __builtin_ctz(others);
      const std::int64_t common = in_common(bits + row * words, bits + other * words, words);
      const std::int64_t score = 4 * common - marked[other];
      if (best < 0 || score > best_score) best = other, best_common = common, best_score = score;
    }
    left &= ~(1u << best);
    *order++ = static_cast<std::uint8_t>(best);
    entries += marked[best] - best_common;
  }
  return entries;
}

std::int64_t list(const float* first, const float* second, std::int64_t n, float background,
                  std::uint16_t* columns, float* of_first, float* of_second) {
  const Vec usual(background);
  std::int64_t found = 0;
  for (std::int64_t i = 0; i < n; i += lanes) {
    const auto left = static_cast<std::size_t>(n - i < lanes ? n - i : lanes);
    const bool whole = left == Vec::lanes;
    const Vec a = whole ? Vec::load(first + i) : Vec::load_part(first + i, left);
    const Vec b = !second ? usual
                  : whole ? Vec::load(second + i)
                          : Vec::load_part(second + i, left);
    Mask mask = (a != usual) | (b != usual);
    if (left < Vec::lanes) mask = mask & to_mask((1u << left) - 1);
    append(a - usual, mask, of_first + found);
    if (of_second) append(b - usual, mask, of_second + found);
    found += append_places(mask, static_cast<std::uint16_t>(i), columns + found);
  }
  return found;
}

constexpr std::int64_t rounded_up(std::int64_t n) { return (n + lanes - 1) / lanes * lanes; }

/// The sums of the columns of a block while it is packed.
template <std::size_t vectors>
struct ColumnSums {
  Vec sum[vectors];

  RECTIFY_INLINE ColumnSums() {
    for (Vec& s : sum) s = Vec(0.0f);
  }
  /// Stores them. They are finite only where all of the block is; a sum of finite numbers that is
  /// too large to be one counts as if it were not.
  RECTIFY_INLINE bool store(float* to) const {
    bool finite = true;
    for (std::size_t i = 0; i < vectors; ++i) {
      finite = finite && !any(!(abs(sum[i]) <= Vec(3.40282347e38f)));
      sum[i].store(to + i * Vec::lanes);
    }
    return finite;
  }
};

// A row of all columns at once: what is loaded for the next rows is then on its way meanwhile.
template <std::size_t vectors, class Number>
bool pack_by(const Number* b, std::int64_t stride, std::int64_t rows, std::int64_t columns,
             float* packed) {
  constexpr std::size_t last = (vectors - 1) * Vec::lanes;
  const std::size_t rest = static_cast<std::size_t>(columns) - last;
  ColumnSums<vectors> sums;
  for (std::int64_t k = 0; k < rows; ++k, b += stride, packed += vectors * Vec::lanes)
    for (std::size_t i = 0; i < vectors; ++i) {
      const bool whole = i + 1 < vectors || rest == Vec::lanes;
      const Vec v = whole ? Vec::load(b + i * Vec::lanes) : Vec::load_part(b + last, rest);
      v.store(packed + i * Vec::lanes);
      sums.sum[i] += v;
    }
  return sums.store(packed);
}

/// The one of `by` for so many columns.
template <class Loop>
RECTIFY_INLINE Loop loop_for(const Loop (&by)[most_vectors], std::int64_t columns) {
  return by[(columns + lanes - 1) / lanes - 1];
}

using EachWidth = std::make_index_sequence<most_vectors>;

template <class Number, std::size_t... i>
bool pack_each(std::index_sequence<i...>, const Number* b, std::int64_t stride, std::int64_t rows,
               std::int64_t columns, float* packed) {
  constexpr decltype(PackLoops<Number>::rows) by[] = {pack_by<i + 1, Number>...};
  return loop_for(by, columns)(b, stride, rows, columns, packed);
}

template <class Number>
bool pack_rows(const Number* b, std::int64_t stride, std::int64_t rows, std::int64_t columns,
               float* packed) {
  return pack_each(EachWidth(), b, stride, rows, columns, packed);
}

template <class Number>
bool pack_columns(const Number* b, std::int64_t stride, std::int64_t rows, std::int64_t columns,
                  float* packed) {
  const std::int64_t width = rounded_up(columns);
  ColumnSums<1> sums;
  bool finite = true;
  for (std::int64_t j = 0; j < columns; j += lanes) {
    const std::int64_t wide = columns - j < lanes ? columns - j : lanes;
    sums = {};
    for (std::int64_t k = 0; k < rows; k += lanes) {
      const std::int64_t deep = rows - k < lanes ? rows - k : lanes;
      transpose_square(b + j * stride + k, stride, packed + k * width + j, width,
                       static_cast<std::size_t>(wide), static_cast<std::size_t>(deep), lanes,
                       sums.sum);
    }
    finite = sums.store(packed + rows * width + j) && finite;
  }
  return finite;
}

/// Prefetches some memory in so many parts.
class Prefetcher {
 public:
  RECTIFY_INLINE Prefetcher(const Ahead& ahead, std::int64_t parts)
      : at_(ahead.at),
        stride_(ahead.stride),
        bytes_(ahead.bytes),
        left_(ahead.rows),
        rows_a_part_((ahead.rows + parts - 1) / parts) {}
  RECTIFY_INLINE void part() {
    constexpr std::int64_t line = 64;
    for (std::int64_t i = 0; i < rows_a_part_ && left_ > 0; ++i, --left_, at_ += stride_)
      for (std::int64_t b = 0; b < bytes_ + line; b += line)  // it need not begin on a line
        __builtin_prefetch(at_ + b, 0, 2);
  }

 private:
  const std::byte* at_;
  std::int64_t stride_, bytes_, left_, rows_a_part_;
};

/// The same vector. GCC would load it again for each use, and loads are what the loop is short of.
RECTIFY_INLINE Vec in_register(Vec v) {
#if defined(RECTIFY_SIMD_AVX512)
  asm("" : "+v"(v.raw));
#elif defined(__SSE2__)
  asm("" : "+x"(v.raw));
#endif
  return v;
}

/// The sums of one row.
template <std::size_t vectors>
struct Row {
  static constexpr std::size_t width = vectors * Vec::lanes;
  Vec sum[vectors];

  RECTIFY_INLINE void load(const float* from) {
    for (std::size_t i = 0; i < vectors; ++i)
      sum[i] = from ? Vec::load(from + i * Vec::lanes) : Vec(0.0f);
  }
  RECTIFY_INLINE void store(float* to, std::size_t columns) const {
    constexpr std::size_t last = width - Vec::lanes;
    for (std::size_t i = 0; i + 1 < vectors; ++i) sum[i].store(to + i * Vec::lanes);
    if (columns == width)
      sum[vectors - 1].store(to + last);
    else
      sum[vectors - 1].store_part(to + last, columns - last);
  }
};

/// Where a row's sums are kept, given where it stands among the groups.
RECTIFY_INLINE float* place_of(const GroupedRows& a, const Sums& sums, std::int64_t r) {
  const std::int64_t row = r / pairing_window * pairing_window + a.order[r];
  return sums.to + (sums.in_order ? row : r) * sums.stride;
}

template <std::size_t vectors>
void multiply_single(const GroupedRows& a, std::int64_t rows, const float* packed,
                     std::int64_t block_rows, const Sums& sums, const Ahead& ahead) {
  constexpr std::int64_t width = vectors * lanes;
  Prefetcher next(ahead, rows);
  for (std::int64_t r = 0; r < rows; ++r) {
    next.part();
    Row<vectors> row;
    row.load(sums.from ? sums.from + r * width : nullptr);
    const auto add = [&](const float* w, Vec x) {
      for (std::size_t i = 0; i < vectors; ++i)
        row.sum[i] = fma(x, Vec::load(w + i * Vec::lanes), row.sum[i]);
    };
    if (a.background != 0) add(packed + block_rows * width, Vec(a.background));
    const GroupedRows::Range entries = a.groups[r];
    for (std::uint32_t at = entries.begin; at < entries.end; ++at)
      add(packed + a.columns[at] * width, Vec(a.first[at]));
    row.store(place_of(a, sums, r), static_cast<std::size_t>(sums.columns));
  }
}

template <std::size_t vectors>
void multiply_pairs(const GroupedRows& a, std::int64_t rows, const float* packed,
                    std::int64_t block_rows, const Sums& sums, const Ahead& ahead) {
  constexpr std::int64_t width = vectors * lanes;
  const auto columns = static_cast<std::size_t>(sums.columns);
  Prefetcher next(ahead, (rows + 1) / 2);
  Row<vectors> first, second;
  for (std::int64_t r = 0; r < rows; r += 2) {
    next.part();
    const bool two = r + 1 < rows;
    const float* const from = sums.from ? sums.from + r * width : nullptr;
    first.load(from);
    second.load(from && two ? from + width : nullptr);
    const auto add = [&](const float* row, Vec x, Vec y) {
      for (std::size_t i = 0; i < vectors; ++i) {
        const Vec w = in_register(Vec::load(row + i * Vec::lanes));
        first.sum[i] = fma(x, w, first.sum[i]);
        second.sum[i] = fma(y, w, second.sum[i]);
      }
    };
    if (a.background != 0) add(packed + block_rows * width, Vec(a.background), Vec(a.background));
    const GroupedRows::Range entries = a.groups[r / 2];
    for (std::uint32_t at = entries.begin; at < entries.end; ++at)
      add(packed + a.columns[at] * width, Vec(a.first[at]), Vec(a.second[at]));
    first.store(place_of(a, sums, r), columns);
    if (two) second.store(place_of(a, sums, r + 1), columns);
  }
}

template <std::size_t... i>
void multiply_each(std::index_sequence<i...>, const GroupedRows& a, std::int64_t rows,
                   const float* packed, std::int64_t block_rows, const Sums& sums,
                   const Ahead& ahead) {
  constexpr decltype(SparseLoops::multiply) by_single[] = {multiply_single<i + 1>...};
  constexpr decltype(SparseLoops::multiply) by_pairs[] = {multiply_pairs<i + 1>...};
  loop_for(a.second ? by_pairs : by_single, sums.columns)(a, rows, packed, block_rows, sums, ahead);
}

void multiply(const GroupedRows& a, std::int64_t rows, const float* packed, std::int64_t block_rows,
              const Sums& sums, const Ahead& ahead) {
  multiply_each(EachWidth(), a, rows, packed, block_rows, sums, ahead);
}

}  // namespace

extern const SparseLoops sparse_loops;
const SparseLoops sparse_loops = {panel,
                                  lanes,
                                  single,
                                  pairs,
                                  few_rows_costs,
                                  mark,
                                  mark_columns,
                                  pair,
                                  list,
                                  {pack_rows, pack_columns},
                                  {pack_rows, pack_columns},
                                  multiply};

}  // namespace rectify::run::cpu::RECTIFY_ISA
