#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "rectify/data/dataset.h"
#include "rectify/diagnose/regions/affine_network.h"

namespace rectify::diagnose {

/// How often samples share a pattern. A pattern says of every unit on which of its pieces it is: of
/// relu, whether it is on or off.
struct PatternCount {
  std::string label;         ///< of the node that chooses; empty: all nodes together
  std::size_t distinct = 0;  ///< patterns that occur
  /// In bits, of the shares that the patterns have of the samples: 0 where all have the same one,
  /// log2(samples) where each has its own, which is the most that can be seen.
  double entropy = 0;
};

struct PatternCounts {
  std::size_t samples = 0;
  PatternCount whole = {};
  std::vector<PatternCount> layers = {};
};

/// Counts the patterns of the samples of `split` with these numbers. Patterns are told apart by
/// hashes of 64 bits. Throws Error where there are no samples.
PatternCounts count_patterns(const AffineNetwork& network, const data::Split& split,
                             std::span<const std::uint32_t> samples,
                             const data::Normalisation& normalisation, ThreadPool& threads);

}  // namespace rectify::diagnose
