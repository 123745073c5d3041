#include "rectify/run/cpu/attention.h"

#include "rectify/activation/math_simd.h"
#include "rectify/run/cpu/norm/row_vectors.h"

// Everything here has internal linkage or lives in a namespace of its instruction set: the linker
// must not merge it with code built for another.

namespace rectify::RECTIFY_ISA {

namespace {

using run::cpu::AttentionHead;

constexpr float infinity = __builtin_inff();
/// Queries and keys of a block of scores: a block, and what it is computed from, stays in cache.
constexpr std::size_t queries_a_block = 32, keys_a_block = 128;

/// A matrix in memory: element (i, j) is at i * row + j * column.
struct Factor {
  const float* data;
  std::size_t row, column;
};

/// c (rows x 2 vectors, of which the last n lanes count) += a b, the accumulators in registers.
template <std::size_t rows, std::size_t vectors>
RECTIFY_INLINE void product_part(Factor a, const float* b, std::size_t b_stride, float* c,
                                 std::size_t c_stride, std::size_t inner, std::size_t last) {
  constexpr std::size_t before = (vectors - 1) * Vec::lanes;
  Vec sum[rows][vectors];
  for (std::size_t r = 0; r < rows; ++r) {
    if (vectors == 2) sum[r][0] = Vec::load(c + r * c_stride);
    sum[r][vectors - 1] = load(c + r * c_stride + before, last);
  }
  for (std::size_t k = 0; k < inner; ++k) {
    Vec right[vectors];
    if (vectors == 2) right[0] = Vec::load(b + k * b_stride);
    right[vectors - 1] = load(b + k * b_stride + before, last);
    for (std::size_t r = 0; r < rows; ++r) {
      const Vec left = a.data[r * a.row + k * a.column];
      for (std::size_t v = 0; v < vectors; ++v) sum[r][v] = fma(left, right[v], sum[r][v]);
    }
  }
  for (std::size_t r = 0; r < rows; ++r) {
    if (vectors == 2) sum[r][0].store(c + r * c_stride);
    store(sum[r][vectors - 1], c + r * c_stride + before, last);
  }
}

template <std::size_t rows>
RECTIFY_INLINE void product_rows(Factor a, const float* b, std::size_t b_stride, float* c,
                                 std::size_t c_stride, std::size_t columns, std::size_t inner) {
  std::size_t j = 0;
  for (; j + 2 * Vec::lanes <= columns; j += 2 * Vec::lanes)
    product_part<rows, 2>(a, b + j, b_stride, c + j, c_stride, inner, Vec::lanes);
  for (; j < columns; j += Vec::lanes) {
    const std::size_t left = columns - j;
    product_part<rows, 1>(a, b + j, b_stride, c + j, c_stride, inner,
                          left < Vec::lanes ? left : Vec::lanes);
  }
}

/// c (rows x columns) += a (rows x inner) b (inner x columns).
void add_product(Factor a, const float* b, std::size_t b_stride, float* c, std::size_t c_stride,
                 std::size_t rows, std::size_t columns, std::size_t inner) {
  std::size_t i = 0;
  for (; i + 4 <= rows; i += 4)
    product_rows<4>({a.data + i * a.row, a.row, a.column}, b, b_stride, c + i * c_stride, c_stride,
                    columns, inner);
  for (; i < rows; ++i)
    product_rows<1>({a.data + i * a.row, a.row, a.column}, b, b_stride, c + i * c_stride, c_stride,
                    columns, inner);
}

void fill(float* x, std::size_t n, float with) {
  for (std::size_t i = 0; i < n; ++i) x[i] = with;
}

/// to[c][r] = from[r][c].
void transpose(const float* from, std::size_t stride, float* to, std::size_t rows,
               std::size_t columns) {
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) to[c * rows + r] = from[r * stride + c];
}

/// A block of scores: queries from `first` on against keys from `key` on.
struct Block {
  std::size_t first, queries, key, keys;
};

/// Calls visit(first, queries, keys that the last of them sees) for each block of queries.
template <class Visit>
RECTIFY_INLINE void each_queries(const AttentionHead& h, const Visit& visit) {
  for (std::size_t first = 0; first < h.places; first += queries_a_block) {
    const std::size_t left = h.places - first;
    const std::size_t queries = left < queries_a_block ? left : queries_a_block;
    visit(first, queries, h.causal ? first + queries : h.places);
  }
}

template <class Visit>
RECTIFY_INLINE void each_block(std::size_t first, std::size_t queries, std::size_t seen,
                               const Visit& visit) {
  for (std::size_t key = 0; key < seen; key += keys_a_block)
    visit(Block{first, queries, key, seen - key < keys_a_block ? seen - key : keys_a_block});
}

/// The scratch of a call, cut up.
struct Scratch {
  float *turned_keys, *turned_values, *scores, *dscores, *scaled, *top, *whole, *mean;

  Scratch(float* at, std::size_t places, std::size_t width)
      : turned_keys(at),
        turned_values(turned_keys + places * width),
        scores(turned_values + places * width),
        dscores(scores + queries_a_block * keys_a_block),
        scaled(dscores + queries_a_block * keys_a_block),
        top(scaled + queries_a_block * width),
        whole(top + queries_a_block),
        mean(whole + queries_a_block) {}
};

std::size_t scratch_floats(std::size_t places, std::size_t width) {
  return 2 * places * width + 2 * queries_a_block * keys_a_block + queries_a_block * width +
         3 * queries_a_block;
}

float largest(const float* x, std::size_t width, float before) {
  Vec best = before;
  each_vector(width, [&](std::size_t i, std::size_t n) {
    best = max(first_lanes(load(x + i, n), n, -infinity), best);
  });
  float lane[Vec::lanes], most = before;
  best.store(lane);
  for (const float candidate : lane) most = candidate > most ? candidate : most;
  return most;
}

/// The queries of a block times 1 / sqrt(width).
void scale_queries(const AttentionHead& h, std::size_t first, std::size_t queries, float* to) {
  const float by = 1 / __builtin_sqrtf(static_cast<float>(h.width));
  for (std::size_t i = 0; i < queries; ++i)
    for (std::size_t e = 0; e < h.width; ++e)
      to[i * h.width + e] = h.query[(first + i) * h.stride + e] * by;
}

/// How many of a block's keys its i-th query sees.
RECTIFY_INLINE std::size_t seen_keys(const AttentionHead& h, const Block& b, std::size_t i) {
  if (!h.causal) return b.keys;
  const std::size_t end = b.first + i + 1;
  return end <= b.key ? 0 : end - b.key < b.keys ? end - b.key : b.keys;
}

/// e^x for x <= 0, and 0 where it would be denormal, which is slow and next to nothing.
RECTIFY_INLINE Vec share_of(Vec x) { return select(x < -87, Vec(0), exp_negative(max(-87, x))); }

/// scores = scaled queries times keys.
void score(const AttentionHead& h, const Block& b, const Scratch& s) {
  fill(s.scores, b.queries * keys_a_block, 0);
  add_product({s.scaled, h.width, 1}, s.turned_keys + b.key, h.places, s.scores, keys_a_block,
              b.queries, b.keys, h.width);
}

/// scores = exp(scores - top) for a row; what it adds up to is added to `whole`.
RECTIFY_INLINE void raise(float* scores, std::size_t keys, float top, float& whole) {
  Vec sums = 0;
  each_vector(keys, [&](std::size_t j, std::size_t n) {
    const Vec p = share_of(load(scores + j, n) - Vec(top));
    sums += first_lanes(p, n, 0);
    store(p, scores + j, n);
  });
  whole += sum(sums);
}

/// Raises a block; where a row has a new maximum, what it has found so far is brought to it:
/// whole[i], and the row of `answer` if there is one.
void raise_online(const AttentionHead& h, const Block& b, const Scratch& s, float* answer) {
  for (std::size_t i = 0; i < b.queries; ++i) {
    float* const row = s.scores + i * keys_a_block;
    const std::size_t keys = seen_keys(h, b, i);
    fill(row + keys, b.keys - keys, 0);
    const float top = largest(row, keys, s.top[i]);
    if (top > s.top[i]) {
      float lane[Vec::lanes];
      share_of(Vec(s.top[i] - top)).store(lane);
      s.whole[i] *= lane[0];
      for (std::size_t e = 0; answer && e < h.width; ++e)
        answer[i * h.answer_stride + e] *= lane[0];
      s.top[i] = top;
    }
    raise(row, keys, top, s.whole[i]);
  }
}

void forward(const AttentionHead& h, float* answer, float* scratch) {
  const Scratch s(scratch, h.places, h.width);
  transpose(h.key, h.stride, s.turned_keys, h.places, h.width);
  each_queries(h, [&](std::size_t first, std::size_t queries, std::size_t seen) {
    float* const y = answer + first * h.answer_stride;
    for (std::size_t i = 0; i < queries; ++i) fill(y + i * h.answer_stride, h.width, 0);
    fill(s.top, queries, -infinity);
    fill(s.whole, queries, 0);
    scale_queries(h, first, queries, s.scaled);
    each_block(first, queries, seen, [&](const Block& b) {
      score(h, b, s);
      raise_online(h, b, s, y);
      add_product({s.scores, keys_a_block, 1}, h.value + b.key * h.stride, h.stride, y,
                  h.answer_stride, queries, h.width, b.keys);
    });
    for (std::size_t i = 0; i < queries; ++i)
      for (std::size_t e = 0; e < h.width; ++e) y[i * h.answer_stride + e] /= s.whole[i];
  });
}

/// scores = P, its shares; dscores = P (dy v^T - dy . y), both of a block.
void differentiate_block(const AttentionHead& h, const Block& b, const Scratch& s,
                         const float* danswer) {
  score(h, b, s);
  fill(s.dscores, b.queries * keys_a_block, 0);
  add_product({danswer, h.answer_stride, 1}, s.turned_values + b.key, h.places, s.dscores,
              keys_a_block, b.queries, b.keys, h.width);
  for (std::size_t i = 0; i < b.queries; ++i) {
    float *const p = s.scores + i * keys_a_block, *const d = s.dscores + i * keys_a_block;
    const Vec top = s.top[i], part = 1 / s.whole[i], mean = s.mean[i];
    const std::size_t keys = seen_keys(h, b, i);
    fill(p + keys, b.keys - keys, 0);
    fill(d + keys, b.keys - keys, 0);
    each_vector(keys, [&](std::size_t j, std::size_t n) {
      const Vec share = share_of(load(p + j, n) - top) * part;
      store(share, p + j, n);
      store(share * (load(d + j, n) - mean), d + j, n);
    });
  }
}

void backward(const AttentionHead& h, const float* answer, const float* danswer, float* dquery,
              float* dkey, float* dvalue, float* scratch) {
  const Scratch s(scratch, h.places, h.width);
  const float by = 1 / __builtin_sqrtf(static_cast<float>(h.width));
  transpose(h.key, h.stride, s.turned_keys, h.places, h.width);
  transpose(h.value, h.stride, s.turned_values, h.places, h.width);
  for (std::size_t t = 0; t < h.places; ++t) {
    fill(dquery + t * h.stride, h.width, 0);
    fill(dkey + t * h.stride, h.width, 0);
    fill(dvalue + t * h.stride, h.width, 0);
  }
  each_queries(h, [&](std::size_t first, std::size_t queries, std::size_t seen) {
    const float* const y = answer + first * h.answer_stride;
    const float* const dy = danswer + first * h.answer_stride;
    fill(s.top, queries, -infinity);
    fill(s.whole, queries, 0);
    scale_queries(h, first, queries, s.scaled);
    each_block(first, queries, seen, [&](const Block& b) {
      score(h, b, s);
      raise_online(h, b, s, nullptr);
    });
    for (std::size_t i = 0; i < queries; ++i) {
      Vec dot = 0;
      each_vector(h.width, [&](std::size_t e, std::size_t n) {
        dot = fma(load(y + i * h.answer_stride + e, n), load(dy + i * h.answer_stride + e, n), dot);
      });
      s.mean[i] = sum(dot);
    }
    each_block(first, queries, seen, [&](const Block& b) {
      differentiate_block(h, b, s, dy);
      add_product({s.scores, 1, keys_a_block}, dy, h.answer_stride, dvalue + b.key * h.stride,
                  h.stride, b.keys, h.width, queries);
      add_product({s.dscores, 1, keys_a_block}, s.scaled, h.width, dkey + b.key * h.stride,
                  h.stride, b.keys, h.width, queries);
      add_product({s.dscores, keys_a_block, 1}, h.key + b.key * h.stride, h.stride,
                  dquery + first * h.stride, h.stride, queries, h.width, b.keys);
    });
    for (std::size_t i = 0; i < queries; ++i)
      for (std::size_t e = 0; e < h.width; ++e) dquery[(first + i) * h.stride + e] *= by;
  });
}

}  // namespace

}  // namespace rectify::RECTIFY_ISA

namespace rectify::run::cpu::RECTIFY_ISA {

extern const AttentionLoops attention_loops;
const AttentionLoops attention_loops = {rectify::RECTIFY_ISA::scratch_floats,
                                        rectify::RECTIFY_ISA::forward,
                                        rectify::RECTIFY_ISA::backward};

}  // namespace rectify::run::cpu::RECTIFY_ISA
