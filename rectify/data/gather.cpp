#include "rectify/data/dataset.h"

namespace rectify::data {

namespace {

// Whole blocks of a fixed length become vector instructions at every optimisation level. Wider
// instruction sets gain little: shuffled rows come from memory, which is the limit.
constexpr std::size_t block = 16;

template <class Value>
void scale_row(const Value* __restrict in, std::size_t count, Scaling by, float* __restrict out) {
  std::size_t i = 0;
  for (; i + block <= count; i += block)
    for (std::size_t j = 0; j < block; ++j)
      out[i + j] = (static_cast<float>(in[i + j]) - by.mean) * by.scale;
  for (; i < count; ++i) out[i] = (static_cast<float>(in[i]) - by.mean) * by.scale;
}

template <class Value>
void scale_row(const Value* in, std::size_t count, std::span<const Scaling> by, float* out) {
  if (by.size() == 1) return scale_row(in, count, by[0], out);
  for (std::size_t i = 0; i < count; ++i)
    out[i] = (static_cast<float>(in[i]) - by[i].mean) * by[i].scale;
}

template <class Value>
void gather_rows(const Value* from, std::size_t features, std::span<const std::uint32_t> rows,
                 std::span<const Scaling> scalings, float* out) {
  constexpr std::size_t ahead = 4, cache_line = 64;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    // The hardware cannot foresee where the next shuffled rows lie; their order tells us.
    if (i + ahead < rows.size()) {
      const char* next = reinterpret_cast<const char*>(from + rows[i + ahead] * features);
      for (std::size_t at = 0; at < features * sizeof(Value); at += cache_line)
        __builtin_prefetch(next + at);
    }
    scale_row(from + rows[i] * features, features, scalings, out + i * features);
  }
}

}  // namespace

void gather(const Split& split, std::size_t features, std::span<const std::uint32_t> rows,
            std::span<const Scaling> scalings, float* out) {
  if (split.bytes.empty())
    gather_rows(split.values.data(), features, rows, scalings, out);
  else
    gather_rows(split.bytes.data(), features, rows, scalings, out);
}

void scale(std::span<const float> samples, std::size_t features, std::span<const Scaling> scalings,
           float* out) {
  for (std::size_t first = 0; first < samples.size(); first += features)
    scale_row(samples.data() + first, features, scalings, out + first);
}

void to_targets(std::span<float> answers, std::span<const Scaling> targets) {
  if (targets.empty()) return;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const Scaling by = targets[i % targets.size()];
    answers[i] = answers[i] / by.scale + by.mean;
  }
}

}  // namespace rectify::data
