#include <algorithm>
#include <cmath>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/data/dataset.h"
#include "rectify/data/hash.h"

namespace rectify::data {

namespace {

struct Moments {
  double count = 0;
  double sum = 0;     ///< of v - offset
  double square = 0;  ///< of (v - offset)^2
  double offset = 0;  ///< a value of the data, so that constant data has sums of exactly 0
};

Moments moments_of_bytes(const std::uint8_t* from, std::size_t features,
                         std::span<const std::uint32_t> rows) {
  const std::int32_t offset = from[rows[0] * features];
  std::int64_t sum = 0, square = 0;
  constexpr std::size_t block = 16;
  for (const std::uint32_t row : rows) {
    const std::uint8_t* in = from + row * features;
    std::size_t i = 0;
    for (; i + block <= features; i += block) {
      std::int32_t block_sum = 0, block_square = 0;
      for (std::size_t j = 0; j < block; ++j) {
        const std::int32_t v = in[i + j] - offset;
        block_sum += v;
        block_square += v * v;
      }
      sum += block_sum;
      square += block_square;
    }
    for (; i < features; ++i) {
      const std::int32_t v = in[i] - offset;
      sum += v;
      square += v * v;
    }
  }
  return {static_cast<double>(rows.size()) * static_cast<double>(features),
          static_cast<double>(sum), static_cast<double>(square), static_cast<double>(offset)};
}

Moments moments_of_values(const float* from, std::size_t features,
                          std::span<const std::uint32_t> rows) {
  const double offset = from[rows[0] * features];
  double sum = 0, square = 0;
  for (const std::uint32_t row : rows) {
    const float* in = from + row * features;
    for (std::size_t i = 0; i < features; ++i) {
      const double v = in[i] - offset;
      sum += v;
      square += v * v;
    }
  }
  return {static_cast<double>(rows.size()) * static_cast<double>(features), sum, square, offset};
}

}  // namespace

Normalisation normalisation_of(const Split& split, std::span<const std::uint32_t> rows) {
  if (split.count == 0 || rows.empty()) fail("there are no training samples to normalise by");
  const std::size_t features = (split.bytes.size() + split.values.size()) / split.count;
  if (features == 0) fail("the samples have no features to normalise");
  const Moments m = split.bytes.empty() ? moments_of_values(split.values.data(), features, rows)
                                        : moments_of_bytes(split.bytes.data(), features, rows);
  const double mean = m.sum / m.count;
  const double deviation = std::sqrt(std::max(0.0, m.square / m.count - mean * mean));
  const float scale = static_cast<float>(1 / deviation);
  Normalisation normalisation;
  normalisation.mean = static_cast<float>(m.offset + mean);
  if (m.square > 0 && deviation > 0 && std::isfinite(scale)) normalisation.scale = scale;
  return normalisation;
}

std::uint64_t fingerprint(const Dataset& dataset) {
  Hash hash;
  for (const std::int64_t extent : dataset.sample_shape.extents())
    hash.word(static_cast<std::uint64_t>(extent));
  for (const std::string& name : dataset.class_names) hash.bytes(name.data(), name.size());
  hash.word(static_cast<std::uint64_t>(dataset.target_width));
  for (const Split* split : {&dataset.train, &dataset.test}) {
    hash.word(split->count);
    hash.values(split->bytes);
    hash.values(split->values);
    hash.values(split->labels);
    hash.values(split->targets);
  }
  return hash.state();
}

}  // namespace rectify::data
