// concat along the last axis, and Concat of lists of numbers that models compute from shapes.

#include <algorithm>

#include "rectify/graph/operator.h"
#include "rectify/onnx/mapping.h"
#include "rectify/onnx/pointwise.h"
#include "rectify/onnx/writer.h"

namespace rectify::onnx::ops {

namespace {

void give_list(Call& call, const std::vector<Value>& parts) {
  Constant list{.extents = {0}, .whole = true};
  for (const Value& part : parts) {
    if (!part.constant || !part.constant->whole || part.constant->extents.size() != 1)
      call.unmapped("joins constants that are no lists of whole numbers");
    list.integers.insert(list.integers.end(), part.constant->integers.begin(),
                         part.constant->integers.end());
  }
  if (list.integers.size() > 1024) call.unmapped("makes a list of more than 1024 numbers");
  list.extents = {static_cast<std::int64_t>(list.integers.size())};
  call.give(std::move(list));
}

void read(Call& call) {
  const std::vector<Value> parts = arguments_of(call);
  if (std::ranges::all_of(parts, [](const Value& v) { return v.constant != nullptr; }))
    return give_list(call, parts);
  std::vector<View> views;
  std::vector<graph::NodeId> nodes;
  std::int64_t last = 0;
  for (int i = 0; i < call.node.input_size(); ++i) views.push_back(call.view(i));
  const std::size_t axis = call.axis(call.integer("axis", 1), views[0].axes.size() + 1) - 1;
  for (const View& view : views) {
    if (view.axes.size() != views[0].axes.size()) call.unmapped("joins values of different axes");
    const Reader::Channels c = call.reader.channels(view, axis, call.where());
    if (!std::ranges::is_sorted(c.order)) call.unmapped("joins rows of another order");
    nodes.push_back(c.node);
    last += c.count;
  }
  if (views.size() == 1) return call.give(views[0]);
  for (graph::NodeId& node : nodes)
    if (call.graph().node(node).type.shape.rank() != call.graph().node(nodes[0]).type.shape.rank())
      call.unmapped("joins values of different shapes");
  const graph::NodeId node =
      call.graph().add("concat", nodes, {}, call.reader.free_label(call.node.name()));
  for (std::size_t k = 0; k < views.size(); ++k)
    for (std::size_t i = 0; i < views[k].axes.size(); ++i)
      if (i != axis && extent_of(views[k].axes[i]) != extent_of(views[0].axes[i]))
        fail(call.where(), " joins values whose other axes differ");
  // The axes have the order that they have in the first input; their strides grow with the last
  // axis.
  const std::int64_t old = extent_of(views[0].axes[axis]);
  View view{node, views[0].axes};
  for (std::size_t i = 0; i < view.axes.size(); ++i) {
    if (i == axis) continue;
    for (Atom& atom : view.axes[i]) atom.stride = atom.stride / old * last;
  }
  view.axes[axis] = {{last, 1}};
  for (const View& other : views) {
    View grown{node, other.axes};
    const std::int64_t own = extent_of(other.axes[axis]);
    for (std::size_t i = 0; i < grown.axes.size(); ++i)
      for (Atom& atom : grown.axes[i])
        if (i != axis) atom.stride = atom.stride / own * last;
    grown.axes[axis] = view.axes[axis];
    if (grown.axes != view.axes) call.unmapped("joins values of different orders");
  }
  call.give(view);
}

void write(Writer& writer, graph::NodeId id) {
  std::vector<std::string> inputs;
  for (const graph::NodeId input : writer.node(id).inputs) inputs.push_back(writer.name(input));
  set_integer(writer.append_for(id, "Concat", inputs), "axis", writer.channel_axis(id));
}

}  // namespace

std::span<const Mapping> concat() {
  static const Mapping all[] = {{.onnx = "Concat", .read = read, .op = "concat", .write = write}};
  return all;
}

}  // namespace rectify::onnx::ops
