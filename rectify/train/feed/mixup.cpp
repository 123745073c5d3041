#include "rectify/train/feed/mixup.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/random.h"
#include "rectify/data/splits/shuffle.h"

namespace rectify::train {

namespace {

constexpr std::size_t samples_a_tile = 16;

/// The logarithm of a number from the Gamma distribution of `shape`, addressed by `index`.
/// Marsaglia & Tsang 2000: a number for shape + 1 times a power of a uniform number. The power
/// underflows for a small shape; its logarithm does not.
double log_gamma_variate(const Random& random, std::uint64_t index, double shape) {
  // Numbers are addressed by the block of four words that they come from.
  const auto uniform = [&](std::uint64_t block) { return random.uniform(4 * block); };
  const auto normal = [&](std::uint64_t block) { return random.normal(2 * block); };
  constexpr std::uint64_t blocks = 1024;  // reserved for each index
  const double d = shape + 1 - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  const double power = std::log(uniform(blocks * index)) / shape;
  for (std::uint64_t block = blocks * index + 1;; block += 2) {  // 19 of 20 tries are accepted
    const double x = normal(block), v = std::pow(1 + c * x, 3);
    if (v > 0 && std::log(uniform(block + 1)) < 0.5 * x * x + d - d * v + d * std::log(v))
      return std::log(d * v) + power;
  }
}

}  // namespace

Mixup::Mixup(double alpha, std::uint64_t seed, const data::Dataset& dataset,
             std::span<const std::uint32_t> samples, ThreadPool& threads)
    : alpha_(alpha),
      seed_(seed),
      dataset_(dataset),
      samples_(samples),
      threads_(threads),
      partners_(dataset.train.count),
      passing_(static_cast<std::size_t>(threads.threads()),
               std::vector<float>(samples_a_tile * dataset.features())) {}

void Mixup::begin_epoch(std::uint32_t epoch) {
  epoch_ = epoch;
  std::vector<std::uint32_t> partners(samples_.begin(), samples_.end());
  const Random random(seed_, static_cast<std::uint32_t>(Stream::partners), epoch);
  data::shuffle(std::span(partners), random);
  for (std::size_t i = 0; i < samples_.size(); ++i) partners_[samples_[i]] = partners[i];
}

double Mixup::share(std::uint32_t sample) const {
  const Random random(seed_, static_cast<std::uint32_t>(Stream::shares), epoch_);
  const double a = log_gamma_variate(random, 2 * std::uint64_t{sample}, alpha_);
  const double b = log_gamma_variate(random, 2 * std::uint64_t{sample} + 1, alpha_);
  return 1 / (1 + std::exp(-std::abs(a - b)));  // e^a / (e^a + e^b), or the other
}

void Mixup::fill(run::Plan& plan, const graph::Graph& graph, std::span<const std::uint32_t> samples,
                 const data::Normalisation& normalisation, const data::Augmenter* augmenter) {
  const std::size_t features = dataset_.features();
  float* const input = plan.input(graph.find("input"));
  const graph::NodeId target = graph.find("target");
  const auto outputs = static_cast<std::size_t>(graph.node(target).type.shape.size());
  float* const targets = plan.input(target);
  const std::size_t tiles = (samples.size() + samples_a_tile - 1) / samples_a_tile;
  threads_.run(tiles, [&](std::size_t tile, std::size_t thread) {
    const std::size_t first = tile * samples_a_tile;
    const auto own = samples.subspan(first, std::min(samples_a_tile, samples.size() - first));
    float* const x = input + first * features;
    float* const other = passing_[thread].data();
    std::uint32_t partners[samples_a_tile];
    for (std::size_t i = 0; i < own.size(); ++i) partners[i] = partners_[own[i]];
    data::gather(dataset_.train, features, own, normalisation.inputs, x);
    data::gather(dataset_.train, features, {partners, own.size()}, normalisation.inputs, other);
    for (std::size_t i = 0; augmenter && i < own.size(); ++i) {
      augmenter->apply(own[i], x + i * features);
      augmenter->apply(partners[i], other + i * features);
    }
    for (std::size_t i = 0; i < own.size(); ++i) {
      const auto part = static_cast<float>(share(own[i]));
      for (std::size_t j = i * features; j < (i + 1) * features; ++j)
        x[j] = part * x[j] + (1 - part) * other[j];
      mix_targets(own[i], part, {targets + (first + i) * outputs, outputs});
    }
  });
}

// A single output is the probability of the second of two classes.
void Mixup::mix_targets(std::uint32_t sample, float part, std::span<float> targets) const {
  const auto add = [&](std::int32_t label, float weight) {
    if (targets.size() == 1)
      targets[0] += weight * static_cast<float>(label);
    else
      targets[static_cast<std::size_t>(label)] += weight;
  };
  std::ranges::fill(targets, 0.0f);
  add(dataset_.train.labels[sample], part);
  add(dataset_.train.labels[partners_[sample]], 1 - part);
}

}  // namespace rectify::train
