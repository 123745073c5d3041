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
  double sum = 0;     ///< the sum of v - offset
  double square = 0;  ///< the sum of (v - offset)^2
  double offset = 0;  ///< one value of the data: so constant data has sums of exactly 0
};

/// The sums of v - offset and of its square, for each channel.
struct ByteSums {
  explicit ByteSums(std::size_t channels) : sums(channels), squares(channels) {}
  void add(const ByteSums& other) {
    for (std::size_t c = 0; c < sums.size(); ++c) {
      sums[c] += other.sums[c];
      squares[c] += other.squares[c];
    }
  }
  std::vector<std::int64_t> sums, squares;
};

/// The sums over at most 32768 samples, so that the sums of squares fit in 32 bits; offset[i]
/// belongs to feature i.
ByteSums sums_of_bytes(const std::uint8_t* from, std::span<const std::int16_t> offset,
                       std::size_t channels, std::span<const std::uint32_t> samples) {
  const std::size_t features = offset.size();
  std::vector<std::int32_t> sum(features), square(features);
  for (const std::uint32_t sample : samples) {
    const std::uint8_t* const in = from + sample * features;
    for (std::size_t i = 0; i < features; ++i) {
      // Both values fit in 16 bits, which vectors multiply fastest.
      const auto v = static_cast<std::int16_t>(in[i] - offset[i]);
      sum[i] += v;
      square[i] += static_cast<std::uint16_t>(v * v);
    }
  }
  ByteSums all(channels);
  for (std::size_t i = 0; i < features; ++i) {
    all.sums[i % channels] += sum[i];
    all.squares[i % channels] += square[i];
  }
  return all;
}

/// The moments of each channel; feature i of a sample belongs to channel i modulo `channels`. Sums
/// of whole numbers do not depend on how the samples are divided among threads.
std::vector<Moments> moments_of_bytes(const std::uint8_t* from, std::size_t features,
                                      std::size_t channels, std::span<const std::uint32_t> samples,
                                      ThreadPool& threads) {
  constexpr std::size_t tile = 4096;
  const std::uint8_t* const first = from + samples[0] * features;
  std::vector<std::int16_t> offset(features);
  for (std::size_t i = 0; i < features; ++i) offset[i] = first[i % channels];
  std::vector<ByteSums> parts((samples.size() + tile - 1) / tile, ByteSums(channels));
  threads.run(parts.size(), [&](std::size_t at) {
    const std::size_t begin = at * tile;
    parts[at] = sums_of_bytes(from, offset, channels,
                              samples.subspan(begin, std::min(tile, samples.size() - begin)));
  });
  ByteSums total(channels);
  for (const ByteSums& part : parts) total.add(part);
  std::vector<Moments> all;
  for (std::size_t c = 0; c < channels; ++c)
    all.push_back({static_cast<double>(samples.size()) * static_cast<double>(features / channels),
                   static_cast<double>(total.sums[c]), static_cast<double>(total.squares[c]),
                   static_cast<double>(first[c])});
  return all;
}

/// The moments of every `step`-th of the first `width` numbers of each sample; a sample has
/// `stride` numbers.
Moments moments_of_values(const float* from, std::size_t stride, std::size_t width,
                          std::size_t step, std::span<const std::uint32_t> samples) {
  const double offset = from[samples[0] * stride];
  double sum = 0, square = 0, count = 0;
  for (const std::uint32_t sample : samples) {
    const float* in = from + sample * stride;
    for (std::size_t i = 0; i < width; i += step) {
      const double v = in[i] - offset;
      sum += v;
      square += v * v;
      ++count;
    }
  }
  return {count, sum, square, offset};
}

/// Scales to mean 0 and standard deviation 1. Constant data only gets mean 0.
Scaling scaling_by(const Moments& m) {
  const double mean = m.sum / m.count;
  const double deviation = std::sqrt(std::max(0.0, m.square / m.count - mean * mean));
  const float scale = static_cast<float>(1 / deviation);
  Scaling scaling{.mean = static_cast<float>(m.offset + mean)};
  if (m.square > 0 && deviation > 0 && std::isfinite(scale)) scaling.scale = scale;
  return scaling;
}

/// One scaling for each of the `width` columns of `values`. With `ignore_constant`, a column with
/// only one value becomes 0, in later data too.
std::vector<Scaling> scalings_of(const std::vector<float>& values, std::size_t width,
                                 std::span<const std::uint32_t> samples, bool ignore_constant) {
  std::vector<Scaling> scalings;
  for (std::size_t i = 0; i < width; ++i) {
    const Moments m = moments_of_values(values.data() + i, width, 1, 1, samples);
    scalings.push_back(scaling_by(m));
    if (ignore_constant && m.square == 0) scalings.back().scale = 0;
  }
  return scalings;
}

/// The number of channels of an image; 1 for other data.
std::size_t channels_of(const Dataset& dataset) {
  const Shape& shape = dataset.sample_shape;
  return shape.rank() == 3 ? static_cast<std::size_t>(shape.back()) : 1;
}

}  // namespace

std::vector<Scaling> scalings_of(const Split& split, std::size_t channels,
                                 std::span<const std::uint32_t> samples, ThreadPool& threads) {
  if (split.count == 0 || samples.empty()) fail("there are no training samples to normalise by");
  const std::size_t features = (split.bytes.size() + split.values.size()) / split.count;
  if (features == 0) fail("the samples have no features to normalise");
  std::vector<Scaling> scalings;
  if (!split.bytes.empty())
    for (const Moments& m :
         moments_of_bytes(split.bytes.data(), features, channels, samples, threads))
      scalings.push_back(scaling_by(m));
  else
    for (std::size_t c = 0; c < channels; ++c)
      scalings.push_back(scaling_by(
          moments_of_values(split.values.data() + c, features, features - c, channels, samples)));
  return scalings;
}

namespace {

/// The same scalings, but to the range 0 to 1 over `samples`.
template <class Value>
void take_ranges(const std::vector<Value>& values, std::size_t features,
                 std::span<const std::uint32_t> samples, std::vector<Scaling>& scalings) {
  const Value* const first = values.data() + samples[0] * features;
  std::vector<Value> low(first, first + features), high = low;
  for (const std::uint32_t sample : samples) {
    const Value* const in = values.data() + sample * features;
    for (std::size_t i = 0; i < features; ++i) {
      low[i] = std::min(low[i], in[i]);
      high[i] = std::max(high[i], in[i]);
    }
  }
  const std::size_t width = scalings.size();
  for (std::size_t i = width; i < features; ++i) {
    low[i % width] = std::min(low[i % width], low[i]);
    high[i % width] = std::max(high[i % width], high[i]);
  }
  for (std::size_t i = 0; i < width; ++i) {
    const float scale = 1 / (static_cast<float>(high[i]) - static_cast<float>(low[i]));
    scalings[i].mean = static_cast<float>(low[i]);
    if (scalings[i].scale != 0) scalings[i].scale = std::isfinite(scale) ? scale : 1;
  }
}

}  // namespace

Normalisation normalisation_of(const Dataset& dataset, std::span<const std::uint32_t> samples,
                               ThreadPool& threads, Normaliser how) {
  const Split& split = dataset.train;
  if (dataset.ids) return {};
  Normalisation normalisation{.inputs = scalings_of(split, channels_of(dataset), samples, threads)};
  if (!dataset.columns.empty())
    normalisation.inputs = scalings_of(split.values, dataset.features(), samples, true);
  if (how == Normaliser::range && !split.bytes.empty())
    take_ranges(split.bytes, dataset.features(), samples, normalisation.inputs);
  else if (how == Normaliser::range)
    take_ranges(split.values, dataset.features(), samples, normalisation.inputs);
  else if (how == Normaliser::none)
    for (Scaling& scaling : normalisation.inputs)
      scaling = {.mean = 0, .scale = scaling.scale == 0 ? 0.0f : 1.0f};
  normalisation.targets =
      scalings_of(split.targets, static_cast<std::size_t>(dataset.target_width), samples, false);
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
