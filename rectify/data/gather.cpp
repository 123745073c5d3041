#include <algorithm>
#include <vector>

#include "rectify/data/dataset.h"

namespace rectify::data {

namespace {

// The compiler turns whole blocks of a fixed length into vector instructions at every optimisation
// level. Wider instruction sets gain little, because shuffled samples come from memory, which is
// the limit.
constexpr std::size_t block = 16;

constexpr Scaling unscaled;

/// Scalings that are applied to the numbers of a sample in turn; without any they stay as they are.
class Scales {
 public:
  explicit Scales(std::span<const Scaling> given) {
    const std::span<const Scaling> by = given.empty() ? std::span(&unscaled, 1) : given;
    period_ = by.size() <= few ? by.size() * repeats : by.size();
    for (std::size_t i = 0; i < period_; ++i) {
      mean_.push_back(by[i % by.size()].mean);
      scale_.push_back(by[i % by.size()].scale);
    }
  }

  template <class Value>
  void apply(const Value* in, std::size_t count, float* out) const {
    for (std::size_t i = 0; i < count; i += period_)
      part(in + i, std::min(period_, count - i), out + i);
  }

 private:
  /// Up to `few` scalings are repeated, so that the inner loop is long.
  static constexpr std::size_t few = 16, repeats = 4 * block;

  template <class Value>
  void part(const Value* __restrict in, std::size_t count, float* __restrict out) const {
    const float *const mean = mean_.data(), *const scale = scale_.data();
    std::size_t i = 0;
    for (; i + block <= count; i += block)
      for (std::size_t j = i; j < i + block; ++j)
        out[j] = (static_cast<float>(in[j]) - mean[j]) * scale[j];
    for (; i < count; ++i) out[i] = (static_cast<float>(in[i]) - mean[i]) * scale[i];
  }

  std::size_t period_ = 0;
  std::vector<float> mean_, scale_;
};

template <class Value>
void gather_samples(const Value* from, std::size_t features, std::span<const std::uint32_t> samples,
                    const Scales& scales, float* out) {
  constexpr std::size_t ahead = 4, cache_line = 64;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    // The processor cannot predict where the next shuffled sample is, but we know it: prefetch it.
    if (i + ahead < samples.size()) {
      const char* next = reinterpret_cast<const char*>(from + samples[i + ahead] * features);
      for (std::size_t at = 0; at < features * sizeof(Value); at += cache_line)
        __builtin_prefetch(next + at);
    }
    scales.apply(from + samples[i] * features, features, out + i * features);
  }
}

}  // namespace

void gather(const Split& split, std::size_t features, std::span<const std::uint32_t> samples,
            std::span<const Scaling> scalings, float* out) {
  if (split.bytes.empty())
    gather_samples(split.values.data(), features, samples, Scales(scalings), out);
  else
    gather_samples(split.bytes.data(), features, samples, Scales(scalings), out);
}

void scale(std::span<const float> samples, std::size_t features, std::span<const Scaling> scalings,
           float* out) {
  const Scales scales(scalings);
  for (std::size_t first = 0; first < samples.size(); first += features)
    scales.apply(samples.data() + first, features, out + first);
}

void to_targets(std::span<float> answers, std::span<const Scaling> targets) {
  if (targets.empty()) return;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const Scaling by = targets[i % targets.size()];
    answers[i] = answers[i] / by.scale + by.mean;
  }
}

}  // namespace rectify::data
