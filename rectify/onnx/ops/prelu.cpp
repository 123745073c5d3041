// activate_learned: PRelu, which has one slope a channel. Other rows with a learned number are
// written as the operators of their definition.

#include <algorithm>

#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"
#include "rectify/onnx/mapping.h"
#include "rectify/onnx/reader.h"
#include "rectify/onnx/row_writer.h"
#include "rectify/onnx/writer.h"

namespace rectify::onnx::ops {

namespace {

/// The axis along which the slopes vary; -1 for a single slope.
int slope_axis(const Call& call, const Constant& slope, const std::vector<std::int64_t>& extents) {
  int axis = -1;
  for (std::size_t i = 0; i < slope.extents.size(); ++i) {
    if (slope.extents[i] == 1) continue;
    const std::size_t behind = slope.extents.size() - i;
    if (axis >= 0 || behind > extents.size() ||
        slope.extents[i] != extents[extents.size() - behind])
      call.unmapped("has slopes that are not one a channel");
    axis = static_cast<int>(extents.size() - behind);
  }
  return axis;
}

void read(Call& call) {
  const View x = call.view(0);
  const Constant& slope = call.constant(1);
  const std::vector<std::int64_t> extents = x.extents();
  int axis = slope_axis(call, slope, extents);
  if (axis < 0) axis = extents.size() == 3 ? 0 : static_cast<int>(extents.size()) - 1;
  if (axis < 0) call.unmapped("has no channels");
  const Reader::Channels c = call.reader.channels(x, static_cast<std::size_t>(axis), call.where());
  const std::vector<float> numbers = slope.as_floats();
  if (numbers.empty()) fail(call.where(), " has no slopes");
  std::vector<float> placed(static_cast<std::size_t>(c.count), numbers[0]);
  for (std::size_t i = 0; numbers.size() > 1 && i < numbers.size(); ++i)
    placed[static_cast<std::size_t>(c.order[i])] = numbers[i];
  graph::Attributes attributes;
  attributes.set("row", std::string("prelu"));
  const graph::NodeId node = graph::add_activation(call.graph(), c.node, attributes,
                                                   call.reader.free_label(call.node.name()));
  call.set_numbers(node, "a", std::move(placed));
  call.give(View{node, x.axes});
}

void write(Writer& writer, graph::NodeId id) {
  const graph::NodeId learned = graph::learned_number(writer.node(id));
  const std::string numbers = writer.constant(writer.node(learned).label,
                                              writer.channel_extents(id), writer.numbers(learned));
  const activation::Row& row = graph::activation_row(writer.node(id));
  if (row.onnx == "PRelu")
    writer.append_for(id, "PRelu", {writer.input(id, 0), numbers});
  else
    write_learned_row(writer, id, row, writer.input(id, 0), numbers);
}

}  // namespace

std::span<const Mapping> prelu() {
  static const Mapping all[] = {
      {.onnx = "PRelu", .read = read, .op = "activate_learned", .write = write}};
  return all;
}

}  // namespace rectify::onnx::ops
