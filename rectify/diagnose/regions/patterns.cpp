#include "rectify/diagnose/regions/patterns.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "rectify/base/error.h"

namespace rectify::diagnose {

namespace {

/// Samples that are scaled and run together.
constexpr std::size_t pattern_batch = 256;

PatternCount count_of(std::string label, const std::map<std::uint64_t, std::size_t>& seen,
                      std::size_t samples) {
  PatternCount count{.label = std::move(label), .distinct = seen.size()};
  for (const auto& [pattern, times] : seen) {
    const double share = static_cast<double>(times) / static_cast<double>(samples);
    count.entropy -= share * std::log2(share);
  }
  count.entropy = std::max(0.0, count.entropy);  // not -0
  return count;
}

}  // namespace

PatternCounts count_patterns(const AffineNetwork& network, const data::Split& split,
                             std::span<const std::uint32_t> samples,
                             const data::Normalisation& normalisation, ThreadPool& threads) {
  if (samples.empty()) fail("there are no samples to count patterns of");
  const std::size_t width = network.inputs(), layers = network.choosers().size();
  std::map<std::uint64_t, std::size_t> whole;
  std::vector<std::map<std::uint64_t, std::size_t>> by_layer(layers);
  for (std::size_t first = 0; first < samples.size(); first += pattern_batch) {
    const auto part = samples.subspan(first, std::min(pattern_batch, samples.size() - first));
    std::vector<float> scaled(part.size() * width);
    data::gather(split, width, part, normalisation.inputs, scaled.data());
    AffineInputs inputs{.cells = std::vector<Cell>(part.size(), Cell{{{}}}), .terms = 1};
    inputs.rows.assign(scaled.begin(), scaled.end());
    network.run(std::move(inputs), part.size(), threads, [&](const AffinePart& at) {
      ++whole[at.pattern];
      for (std::size_t i = 0; i < layers; ++i) ++by_layer[i][at.choices[i]];
    });
  }
  PatternCounts counts{.samples = samples.size(), .whole = count_of("", whole, samples.size())};
  for (std::size_t i = 0; i < layers; ++i)
    counts.layers.push_back(count_of(network.choosers()[i], by_layer[i], samples.size()));
  return counts;
}

}  // namespace rectify::diagnose
