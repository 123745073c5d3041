#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "rectify/diagnose/regions/affine_network.h"

namespace rectify::diagnose {

/// Parts of a segment or a plane behind one node that chooses between pieces.
struct PartsBehind {
  std::string label;  ///< of the node: "relu1"
  std::size_t parts;
};

/// A network along the segment from one input to another. Places are shares of the way, from 0
/// to 1.
struct SegmentPieces {
  /// Stretches on which every unit stays on one of its pieces (for relu: on or off).
  std::size_t patterns = 0;
  /// Stretches on which the output is one affine function: neighbours with the same function, whose
  /// units differ in something that the output does not see, count as one.
  std::size_t pieces = 0;
  /// False: there are more patterns than the limit. Then nothing else is known.
  bool complete = true;
  std::vector<double> kinks;       ///< where pieces meet, ascending: one less than pieces
  std::vector<PartsBehind> after;  ///< patterns of the network up to each choosing node
  struct Stretch {
    double begin;
    std::size_t largest;  ///< the output that is largest from here on
  };
  std::vector<Stretch> answers;  ///< in networks with two or more outputs
};

inline constexpr std::size_t most_segment_parts = 1'000'000;

/// Follows the network from `from` to `to`, inputs as the network takes them (data::gather scales
/// them). Stops after `limit` patterns. Throws Error for inputs of another size, and for two equal
/// ones.
///
///     const AffineNetwork network(model);
///     pieces_between(network, a, b, threads).pieces;  // of the network's function
SegmentPieces pieces_between(const AffineNetwork& network, std::span<const float> from,
                             std::span<const float> to, ThreadPool& threads,
                             std::size_t limit = most_segment_parts);

/// The counts of a run by the labels of the nodes.
std::vector<PartsBehind> parts_behind(const AffineNetwork& network, const AffineCount& count);

}  // namespace rectify::diagnose
