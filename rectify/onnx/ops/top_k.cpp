// top_k: TopK of the rectified value, whose results ScatterElements puts back to where they were,
// into zeros:
//
//     Relu(x) -> TopK -> values, places;  ScatterElements(Clip(x, 0, 0), places, values)
//
// ONNX, too, takes the first of equal elements. Only this composition is read; other uses of TopK
// are not.

#include <algorithm>

#include "rectify/graph/operator.h"
#include "rectify/graph/selection.h"
#include "rectify/onnx/mapping.h"
#include "rectify/onnx/reader.h"
#include "rectify/onnx/writer.h"

namespace rectify::onnx::ops {

namespace {

/// Whether a value is f(x) with f as given, where x is the value `of`.
template <class F>
bool is_function(const Value& value, const View& of, const F& f) {
  if (!value.whole() || !value.formula || value.view.node != of.node || value.view.axes != of.axes)
    return false;
  return passes(trial_of(*value.formula), [&](double x, double y) { return y == f(x); });
}

/// The ScatterElements that alone reads the values and the places of a TopK; null if there is none.
const pb::NodeProto* scatter_of(const Call& call) {
  if (call.node.output_size() != 2) return nullptr;
  const pb::NodeProto* user = call.reader.only_user(call.node.output(0));
  const bool both = user && user == call.reader.only_user(call.node.output(1));
  const bool scatters = both && user->op_type() == "ScatterElements" && user->input_size() == 3 &&
                        user->output_size() == 1 && user->input(1) == call.node.output(1) &&
                        user->input(2) == call.node.output(0);
  return scatters ? user : nullptr;
}

void read(Call& call) {
  const pb::NodeProto* scatter = scatter_of(call);
  if (!scatter) call.unmapped("is not followed by the ScatterElements that undoes its order");
  const NodeReader after(*scatter, 0);
  const Value& rectified = call.value(0);
  const View& x = rectified.view;
  const Constant& keep = call.constant(1);
  const std::size_t rank = x.axes.size() + 1;
  const std::size_t axis = call.axis(call.integer("axis", -1), rank);
  const bool known = call.reader.knows(scatter->input(0)) &&
                     is_function(rectified, x, [](double v) { return std::max(0.0, v); }) &&
                     is_function(call.reader.value(scatter->input(0), call.where()), x,
                                 [](double) { return 0.0; });
  if (!known || !keep.whole || keep.size() != 1 || call.integer("largest", 1) != 1 ||
      call.axis(after.integer("axis", 0), rank) != axis || after.attribute("reduction"))
    call.unmapped("is no part of a top_k");
  const Reader::Channels c = call.reader.channels(x, axis - 1, call.where());
  if (!std::ranges::is_sorted(c.order)) call.unmapped("is of channels in another order");
  graph::Attributes attributes;
  attributes.set("keep", static_cast<double>(keep.integers[0]));
  const graph::NodeId node = call.build("top_k", c.node, attributes);
  call.reader.skip(*scatter);
  call.reader.define(scatter->output(0), Value{.view = {node, x.axes}});
}

void write(Writer& writer, graph::NodeId id) {
  const std::string& x = writer.input(id, 0);
  const std::string& label = writer.node(id).label;
  const std::string rectified = writer.add("Relu", {x}, label + "_rectified");
  const std::string zero = writer.scalar(0);
  const std::string zeros = writer.add("Clip", {x, zero, zero}, label + "_zeros");
  const std::string keep =
      writer.constant(label + "_keep", {graph::kept_in_row(writer.graph(), writer.node(id))});
  pb::NodeProto& top = writer.append("TopK", {rectified, keep}, label + "_top");
  set_integer(top, "axis", writer.channel_axis(id));
  const std::string values = top.output(0), places = writer.add_output(top, label + "_places");
  top.set_name(label);
  pb::NodeProto& scatter = writer.append_for(id, "ScatterElements", {zeros, places, values});
  set_integer(scatter, "axis", writer.channel_axis(id));
  scatter.set_name(label + "_scatter");
}

}  // namespace

std::span<const Mapping> top_k() {
  static const Mapping all[] = {{.onnx = "TopK", .read = read, .op = "top_k", .write = write}};
  return all;
}

}  // namespace rectify::onnx::ops
