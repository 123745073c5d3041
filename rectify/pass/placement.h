#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "rectify/graph/graph.h"

namespace rectify::pass {

/// Where each value lives while a graph runs for one batch size.
struct Placement {
  /// Offset in floats into one arena, a multiple of a cache line; -1 for values that live
  /// elsewhere.
  std::vector<std::int64_t> offset;
  std::int64_t floats = 0;  ///< size of the arena
};

/// Lays the values of `graph` out in one arena for a batch of `batch` samples. Values whose lives
/// do not overlap share memory; an in-place operator takes over its first input when nobody reads
/// it later. `kept` values are still intact at the end; `elsewhere` values get no place. `host` is
/// what fuse() found: a node that is fused with another is written at that one's step.
Placement place(const graph::Graph& graph, std::int64_t batch, const std::set<graph::NodeId>& kept,
                const std::set<graph::NodeId>& elsewhere, const std::vector<graph::NodeId>& host);

}  // namespace rectify::pass
