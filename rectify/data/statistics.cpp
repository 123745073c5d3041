#include <algorithm>
#include <cmath>
#include <string>
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

/// Of `width` neighbours in each row of `stride` numbers.
Moments moments_of_values(const float* from, std::size_t stride, std::size_t width,
                          std::span<const std::uint32_t> rows) {
  const double offset = from[rows[0] * stride];
  double sum = 0, square = 0;
  for (const std::uint32_t row : rows) {
    const float* in = from + row * stride;
    for (std::size_t i = 0; i < width; ++i) {
      const double v = in[i] - offset;
      sum += v;
      square += v * v;
    }
  }
  return {static_cast<double>(rows.size()) * static_cast<double>(width), sum, square, offset};
}

/// To mean 0 and standard deviation 1; what is constant only to 0.
Scaling scaling_by(const Moments& m) {
  const double mean = m.sum / m.count;
  const double deviation = std::sqrt(std::max(0.0, m.square / m.count - mean * mean));
  const float scale = static_cast<float>(1 / deviation);
  Scaling scaling{.mean = static_cast<float>(m.offset + mean)};
  if (m.square > 0 && deviation > 0 && std::isfinite(scale)) scaling.scale = scale;
  return scaling;
}

/// One for each of the `width` columns of `values`. With `ignore_constant`, a column that has one
/// value becomes 0 whatever comes later.
std::vector<Scaling> scalings_of(const std::vector<float>& values, std::size_t width,
                                 std::span<const std::uint32_t> rows, bool ignore_constant) {
  std::vector<Scaling> scalings;
  for (std::size_t i = 0; i < width; ++i) {
    const Moments m = moments_of_values(values.data() + i, width, 1, rows);
    scalings.push_back(scaling_by(m));
    if (ignore_constant && m.square == 0) scalings.back().scale = 0;
  }
  return scalings;
}

}  // namespace

Scaling scaling_of(const Split& split, std::span<const std::uint32_t> rows) {
  if (split.count == 0 || rows.empty()) fail("there are no training samples to normalise by");
  const std::size_t features = (split.bytes.size() + split.values.size()) / split.count;
  if (features == 0) fail("the samples have no features to normalise");
  return scaling_by(split.bytes.empty()
                        ? moments_of_values(split.values.data(), features, features, rows)
                        : moments_of_bytes(split.bytes.data(), features, rows));
}

Normalisation normalisation_of(const Dataset& dataset, std::span<const std::uint32_t> rows) {
  const Split& split = dataset.train;
  if (dataset.ids) return {};
  Normalisation normalisation{.inputs = {scaling_of(split, rows)}};
  if (!dataset.columns.empty())
    normalisation.inputs = scalings_of(split.values, dataset.features(), rows, true);
  normalisation.targets =
      scalings_of(split.targets, static_cast<std::size_t>(dataset.target_width), rows, false);
  return normalisation;
}

std::uint64_t fingerprint(const Dataset& dataset) {
  Hash hash;
  for (const std::int64_t extent : dataset.sample_shape.extents())
    hash.word(static_cast<std::uint64_t>(extent));
  for (const std::string& name : dataset.class_names) hash.bytes(name.data(), name.size());
  hash.word(static_cast<std::uint64_t>(dataset.target_width));
  for (const std::string& name : dataset.columns) hash.bytes(name.data(), name.size());
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
