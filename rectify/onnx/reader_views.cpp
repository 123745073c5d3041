// How a Reader turns views of values into nodes whose memory has the shape that an operator wants.

#include "rectify/graph/operator.h"
#include "rectify/onnx/reader.h"

namespace rectify::onnx {

graph::NodeId Reader::shaped(graph::NodeId node, const Shape& shape) {
  if (graph().node(node).type.shape == shape) return node;
  if (shape.rank() == 1) return graph().add("flatten", {node});
  graph::Attributes attributes;
  attributes.set("shape", shape.text());
  return graph().add("reshape", {node}, attributes);
}

Reader::Channels Reader::channels(const View& view, std::size_t axis, const std::string& where) {
  const Axis& atoms = view.axes[axis];
  const std::int64_t extent = extent_of(atoms), size = view.size();
  const bool plain = extent == 1 || (atoms.size() == 1 && atoms[0].stride == 1);
  if (!plain && extent != size)
    throw Unmapped(where + " works along an axis that is not the last here");
  if (extent > most_spread) throw Unmapped(concat(where, " has ", extent, " channels"));
  Channels result{.node = view.node, .order = order_of({view.node, {atoms}}), .count = extent};
  const Shape& own = graph().node(view.node).type.shape;
  if (own.rank() == 0 || own.back() != extent)
    result.node = shaped(view.node, size == extent ? Shape{extent} : Shape{size / extent, extent});
  return result;
}

graph::NodeId Reader::image(const View& view, const std::string& where) {
  if (view.axes.size() != 3)
    throw Unmapped(concat(where, " wants images (batch x channels x height x width) but reads ",
                          view.axes.size() + 1, " axes"));
  const View last{view.node, {view.axes[1], view.axes[2], view.axes[0]}};
  if (!in_order(last))
    throw Unmapped(where + " reads images whose numbers lie in another order here");
  return shaped(view.node, Shape(last.extents()));
}

View Reader::ordered(const View& view, const std::string& where) {
  const std::vector<std::int64_t> extents = view.extents();
  graph::NodeId node = view.node;
  if (!in_order(view)) {
    // The groups lie in order: before x rows x columns. The last two are swapped.
    const Axis groups = turned(view);
    if (groups.size() != 2)
      throw Unmapped(where + " reads axes whose numbers lie in another order here");
    const std::int64_t columns = groups[0].extent, rows = groups[1].extent;
    const std::int64_t before = view.size() / (rows * columns);
    const Shape& own = graph().node(node).type.shape;
    const bool fits = own.rank() >= 2 && own.back() == columns && own[own.rank() - 2] == rows;
    if (!fits)
      node = shaped(node, before == 1 ? Shape{rows, columns} : Shape{before, rows, columns});
    node = graph().add("transpose", {node});
  }
  const bool sequence = extents.size() > 1 && graph().node(node).type.shape.size() == view.size();
  if (sequence) node = shaped(node, Shape(extents));
  return *regrouped(natural_view(graph(), node), extents);
}

View Reader::last_in_order(const View& view, const std::string& where) {
  const Axis& last = view.axes.back();
  const bool plain = last.empty() || (last.size() == 1 && last[0].stride == 1);
  return !plain && turned(view).size() == 2 ? ordered(view, where) : view;
}

View Reader::as_sequence(const View& view) {
  const std::vector<std::int64_t> extents = view.extents();
  if (extents.size() != 2 || extents[0] == 1 || extents[1] == 1 || !in_order(view)) return view;
  if (graph().node(view.node).op->given) return view;
  return {shaped(view.node, Shape(extents)), view.axes};
}

}  // namespace rectify::onnx
