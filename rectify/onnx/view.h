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

/// An axis in ONNX: its index runs over its atoms in row-major order. An axis without atoms has
/// extent 1.
using Axis = std::vector<Atom>;

/// How the axes of an ONNX value, without the batch, lie in the memory of a node's value (for one
/// sample). A Transpose or Reshape of ONNX gives another view of the same node: no number is moved.
struct View {
  graph::NodeId node = -1;
  std::vector<Axis> axes;

  std::int64_t size() const;
  std::vector<std::int64_t> extents() const;
};

std::int64_t extent_of(const Axis& axis);

/// The view of a node's value with all axes in the node's own order.
View natural_view(const graph::Graph& graph, graph::NodeId node);

/// The view of an image with the axes in ONNX's order, channels x height x width.
View image_view(const graph::Graph& graph, graph::NodeId node);

/// The view with the same elements in the same order on axes of the given extents. Nothing if an
/// axis would end inside of an atom that it does not divide. The product of `extents` must be the
/// size of the view.
std::optional<View> regrouped(const View& view, const std::vector<std::int64_t>& extents);

/// For each element of the view, in row-major order: its position in the node's value.
std::vector<std::int64_t> order_of(const View& view);

/// Whether element i of the view, in row-major order, is at position i of the node's value.
bool in_order(const View& view);

/// For a view that is memory with the last two axes of some shape swapped: these two axes, as
/// atoms. Empty for every other view.
Axis turned(const View& view);

}  // namespace rectify::onnx
