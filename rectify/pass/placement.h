#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "rectify/graph/graph.h"

namespace rectify::pass {

/// Where each value is stored while a graph runs for one batch size.
struct Placement {
  /// Each value's offset in floats in one arena, a multiple of a cache line; -1 for values that are
  /// stored elsewhere.
  std::vector<std::int64_t> offset;
  std::int64_t floats = 0;  ///< size of the arena
};

/// Places the values of `graph` in one arena, for a batch of `batch` samples. Values that are not
/// needed at the same time share memory. An in-place operator overwrites its first input if no node
/// reads that later. Values in `kept` are still intact at the end; values in `elsewhere` get no
/// place. `host` is the result of fuse(): a fused node is written at the step of its host.
Placement place(const graph::Graph& graph, std::int64_t batch, const std::set<graph::NodeId>& kept,
                const std::set<graph::NodeId>& elsewhere, const std::vector<graph::NodeId>& host);

}  // namespace rectify::pass
