#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "rectify/graph/graph.h"

namespace rectify::onnx {

/// `extent` numbers, `stride` apart in memory.
struct Atom {
  std::int64_t extent, stride;
  bool operator==(const Atom&) const = default;
};

/// An axis as ONNX has it: its atoms' indices in row-major order. None: the axis has extent 1.
using Axis = std::vector<Atom>;

/// How the axes of an ONNX value, without the batch, lie in the memory of a node's value (for one
/// sample). ONNX's transpositions and reshapes are other views of the same node: nothing moves.
struct View {
  graph::NodeId node = -1;
  std::vector<Axis> axes;

  std::int64_t size() const;
  std::vector<std::int64_t> extents() const;
};

std::int64_t extent_of(const Axis& axis);

/// All axes in the node's own order.
View natural_view(const graph::Graph& graph, graph::NodeId node);

/// An image's axes as ONNX has them, channels x height x width.
View image_view(const graph::Graph& graph, graph::NodeId node);

/// The same elements in the same order on other axes; nothing where that would cut an atom in
/// pieces that are not whole. The extents' product must be the view's.
std::optional<View> regrouped(const View& view, const std::vector<std::int64_t>& extents);

/// Where element i of the view, row by row, is in the node's value.
std::vector<std::int64_t> order_of(const View& view);

/// Whether element i is at place i.
bool in_order(const View& view);

/// The two groups of numbers, as atoms, that a view has in another order than memory, where the
/// last two axes of some shape changed places; empty for every other view.
Axis turned(const View& view);

}  // namespace rectify::onnx
