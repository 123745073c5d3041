#include "rectify/onnx/view.h"

#include <algorithm>
#include <numeric>

namespace rectify::onnx {

namespace {

/// Joins neighbouring atoms that are contiguous, and leaves out atoms of extent 1.
Axis simplified(const Axis& axis) {
  Axis simple;
  for (const Atom& atom : axis) {
    if (atom.extent == 1) continue;
    if (!simple.empty() && simple.back().stride == atom.stride * atom.extent)
      simple.back() = {simple.back().extent * atom.extent, atom.stride};
    else
      simple.push_back(atom);
  }
  return simple;
}

Axis all_atoms(const View& view) {
  Axis all;
  for (const Axis& axis : view.axes) all.insert(all.end(), axis.begin(), axis.end());
  return simplified(all);
}

/// Takes atoms from the front of `rest` whose extents multiply to `extent`; splits the last one if
/// need be.
std::optional<Axis> take(Axis& rest, std::int64_t extent) {
  Axis axis;
  while (extent > 1) {
    if (rest.empty()) return std::nullopt;
    Atom& first = rest.front();
    if (first.extent <= extent) {
      if (extent % first.extent != 0) return std::nullopt;
      extent /= first.extent;
      axis.push_back(first);
      rest.erase(rest.begin());
    } else {
      if (first.extent % extent != 0) return std::nullopt;
      const std::int64_t inner = first.extent / extent;
      axis.push_back({extent, first.stride * inner});
      first.extent = inner;
      extent = 1;
    }
  }
  return simplified(axis);
}

}  // namespace

std::int64_t extent_of(const Axis& axis) {
  std::int64_t extent = 1;
  for (const Atom& atom : axis) extent *= atom.extent;
  return extent;
}

std::int64_t View::size() const {
  std::int64_t size = 1;
  for (const Axis& axis : axes) size *= extent_of(axis);
  return size;
}

std::vector<std::int64_t> View::extents() const {
  std::vector<std::int64_t> extents;
  for (const Axis& axis : axes) extents.push_back(extent_of(axis));
  return extents;
}

View natural_view(const graph::Graph& graph, graph::NodeId node) {
  const std::vector<std::int64_t>& extents = graph.node(node).type.shape.extents();
  View view{node, std::vector<Axis>(extents.size())};
  std::int64_t stride = 1;
  for (std::size_t i = extents.size(); i-- > 0; stride *= extents[i])
    view.axes[i] = simplified({{extents[i], stride}});
  return view;
}

View image_view(const graph::Graph& graph, graph::NodeId node) {
  View view = natural_view(graph, node);
  std::rotate(view.axes.begin(), view.axes.begin() + 2, view.axes.end());
  return view;
}

std::optional<View> regrouped(const View& view, const std::vector<std::int64_t>& extents) {
  Axis rest = all_atoms(view);
  View result{view.node, {}};
  for (const std::int64_t extent : extents) {
    const std::optional<Axis> axis = take(rest, extent);
    if (!axis) return std::nullopt;
    result.axes.push_back(*axis);
  }
  return result;
}

std::vector<std::int64_t> order_of(const View& view) {
  std::vector<std::int64_t> order = {0};
  for (const Atom& atom : all_atoms(view)) {
    std::vector<std::int64_t> finer;
    finer.reserve(order.size() * static_cast<std::size_t>(atom.extent));
    for (const std::int64_t at : order)
      for (std::int64_t i = 0; i < atom.extent; ++i) finer.push_back(at + i * atom.stride);
    order = std::move(finer);
  }
  return order;
}

bool in_order(const View& view) {
  const Axis all = all_atoms(view);
  return all.empty() || (all.size() == 1 && all[0].stride == 1);
}

Axis turned(const View& view) {
  const std::optional<View> row = regrouped(view, {view.size()});
  if (!row || row->axes[0].empty()) return {};
  Axis atoms = row->axes[0];
  if (atoms.size() == 3 && atoms[0].stride == atoms[1].extent * atoms[2].extent)
    atoms.erase(atoms.begin());
  const bool two = atoms.size() == 2 && atoms[0].stride == 1 && atoms[1].stride == atoms[0].extent;
  return two ? atoms : Axis{};
}

}  // namespace rectify::onnx
