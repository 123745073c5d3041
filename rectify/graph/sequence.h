#pragma once

#include <cstdint>

#include "rectify/graph/graph.h"

namespace rectify::graph {

/// The sizes of lstm and gru: x is T x N x I, with D directions and H units.
struct SequenceSizes {
  std::int64_t places, sequences, inputs, directions, units;
};

/// The sizes of a node that reads x, w of D x kH x I, r of D x kH x H, b of D x 2kH and `states`
/// values of D x N x H, where k is `gates`. Throws Error if they do not fit together.
SequenceSizes sequence_sizes(const Graph& graph, const Node& node, std::int64_t gates,
                             std::size_t states);

}  // namespace rectify::graph
