#pragma once

#include <cstddef>

namespace rectify::run::cpu {

/// One head of one sequence of `places` rows: its queries, keys and values, `width` numbers of each
/// row, `stride` floats from row to row; `answer`, the head's part of the value, at
/// `answer_stride`.
struct AttentionHead {
  const float *query, *key, *value;
  std::size_t stride;
  std::size_t answer_stride;
  std::size_t places, width;
  bool causal;
};

/// Attention of a head, and its gradient, as graph/ops/attention.cpp defines them. Scores are
/// computed in blocks, of which a row's maximum and sum are kept up to date (Milakov & Gimelshein
/// 2018; Dao et al. 2022): memory does not grow with the square of the places. Built once for each
/// instruction set.
struct AttentionLoops {
  /// Floats of scratch that a call wants for that many places and that width.
  std::size_t (*scratch)(std::size_t places, std::size_t width);
  void (*forward)(const AttentionHead& head, float* answer, float* scratch);
  /// dquery, dkey, dvalue at head.stride, from the answer and its gradient at head.answer_stride.
  void (*backward)(const AttentionHead& head, const float* answer, const float* danswer,
                   float* dquery, float* dkey, float* dvalue, float* scratch);
};

/// The loops for this processor.
const AttentionLoops& attention_loops();

}  // namespace rectify::run::cpu
