#include <algorithm>
#include <cmath>
#include <numeric>
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

/// The same of floats, summed up sample by sample.
std::vector<Moments> moments_of_values(const float* from, std::size_t features,
                                       std::size_t channels,
                                       std::span<const std::uint32_t> samples) {
  const std::size_t places = features / channels;
  const float* const first = from + samples[0] * features;
  std::vector<Moments> all(channels);
  for (std::size_t c = 0; c < channels; ++c)
    all[c] = {.count = static_cast<double>(samples.size()) * static_cast<double>(places),
              .offset = first[c]};
  for (const std::uint32_t sample : samples) {
    const float* in = from + sample * features;
    for (std::size_t place = 0; place < places; ++place, in += channels)
      for (std::size_t c = 0; c < channels; ++c) {
        const double v = in[c] - all[c].offset;
        all[c].sum += v;
        all[c].square += v * v;
      }
  }
  return all;
}

double deviation_of(const Moments& m) {
  const double mean = m.sum / m.count;
  return std::sqrt(std::max(0.0, m.square / m.count - mean * mean));
}

/// Scales to mean 0 and standard deviation 1. Constant data get mean 0 and are not scaled, or with
/// `zero_constant` become 0, in later data too.
Scaling scaling_by(const Moments& m, bool zero_constant) {
  const double deviation = deviation_of(m);
  const float scale = static_cast<float>(1 / deviation);
  Scaling scaling{.mean = static_cast<float>(m.offset + m.sum / m.count)};
  if (m.square > 0 && deviation > 0 && std::isfinite(scale)) scaling.scale = scale;
  if (zero_constant && m.square == 0) scaling.scale = 0;
  return scaling;
}

std::vector<Scaling> scalings_by(const std::vector<Moments>& moments, bool zero_constant) {
  std::vector<Scaling> scalings;
  for (const Moments& m : moments) scalings.push_back(scaling_by(m, zero_constant));
  return scalings;
}

/// The moments of each channel of the samples, bytes or floats.
std::vector<Moments> moments_of(const Split& split, std::size_t channels,
                                std::span<const std::uint32_t> samples, ThreadPool& threads) {
  if (split.count == 0 || samples.empty()) fail("there are no training samples to normalise by");
  const std::size_t features = (split.bytes.size() + split.values.size()) / split.count;
  if (features == 0) fail("the samples have no features to normalise");
  return split.bytes.empty()
             ? moments_of_values(split.values.data(), features, channels, samples)
             : moments_of_bytes(split.bytes.data(), features, channels, samples, threads);
}

/// How many scalings the samples have: one for each feature of a table or channel of an image, and
/// for each place along the last axis where each feature is wanted.
std::size_t scalings_wanted(const Dataset& dataset, bool each_feature) {
  const Shape& shape = dataset.sample_shape;
  return each_feature || shape.rank() == 3 ? static_cast<std::size_t>(shape.back()) : 1;
}

}  // namespace

std::vector<Scaling> scalings_of(const Split& split, std::size_t channels,
                                 std::span<const std::uint32_t> samples, ThreadPool& threads) {
  return scalings_by(moments_of(split, channels, samples, threads), false);
}

double likeness_of_features(const Split& split) {
  if (split.count == 0 || split.values.empty()) return 1;
  std::vector<std::uint32_t> samples(split.count);
  std::iota(samples.begin(), samples.end(), 0u);
  const std::size_t features = split.values.size() / split.count;
  std::vector<double> deviations;
  for (const Moments& m : moments_of_values(split.values.data(), features, features, samples))
    if (m.square > 0) deviations.push_back(deviation_of(m));
  if (deviations.empty()) return 1;
  const auto middle = deviations.begin() + static_cast<std::ptrdiff_t>((deviations.size() - 1) / 2);
  std::ranges::nth_element(deviations, middle);
  return *middle / deviation_of(moments_of_values(split.values.data(), features, 1, samples)[0]);
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
  const bool each = how == Normaliser::features || !dataset.columns.empty();
  Normalisation normalisation{
      .inputs =
          scalings_by(moments_of(split, scalings_wanted(dataset, each), samples, threads), each)};
  if (how == Normaliser::range && !split.bytes.empty())
    take_ranges(split.bytes, dataset.features(), samples, normalisation.inputs);
  else if (how == Normaliser::range)
    take_ranges(split.values, dataset.features(), samples, normalisation.inputs);
  else if (how == Normaliser::none)
    for (Scaling& scaling : normalisation.inputs)
      scaling = {.mean = 0, .scale = scaling.scale == 0 ? 0.0f : 1.0f};
  if (const auto width = static_cast<std::size_t>(dataset.target_width); width > 0)
    normalisation.targets =
        scalings_by(moments_of_values(split.targets.data(), width, width, samples), false);
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
