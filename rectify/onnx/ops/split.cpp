// gate and maxout: the last axis is cut into parts by Split, and Mul or Max joins the parts again.

#include "rectify/graph/activate.h"
#include "rectify/onnx/mapping.h"
#include "rectify/onnx/reader.h"
#include "rectify/onnx/row_writer.h"

namespace rectify::onnx::ops {

namespace {

void read(Call& call) {
  const View x = call.view(0);
  const std::size_t axis = call.axis(call.integer("axis", 0), x.axes.size() + 1) - 1;
  const std::int64_t extent = extent_of(x.axes[axis]), count = call.node.output_size();
  std::vector<std::int64_t> sizes = call.integers(1, "split");
  if (sizes.empty()) {
    if (extent % count != 0) call.unmapped("splits ", extent, " into ", count, " unequal parts");
    sizes.assign(static_cast<std::size_t>(count), extent / count);
  }
  if (static_cast<std::int64_t>(sizes.size()) != count)
    fail(call.where(), " has ", sizes.size(), " sizes for ", count, " outputs");
  std::int64_t first = 0;
  for (int i = 0; i < call.node.output_size(); ++i) {
    const std::int64_t size = sizes[static_cast<std::size_t>(i)];
    if (size < 1 || size > extent - first)
      fail(call.where(), " has parts that are not those of ", extent);
    call.give(
        Value{
            .view = x, .part_axis = static_cast<int>(axis), .part_first = first, .part_size = size},
        i);
    first += size;
  }
}

/// The parts of a node's input.
std::vector<std::string> split(Writer& writer, graph::NodeId id, std::int64_t count) {
  const graph::NodeId x = writer.node(id).inputs[0];
  pb::NodeProto& node = writer.append("Split", {writer.input(id, 0)}, writer.node(id).label + "_1");
  set_integer(node, "axis", writer.channel_axis(x));
  std::vector<std::string> parts = {node.output(0)};
  for (std::int64_t i = 2; i <= count; ++i)
    parts.push_back(writer.add_output(node, writer.node(id).label + "_" + std::to_string(i)));
  return parts;
}

void write_gate(Writer& writer, graph::NodeId id) {
  const graph::Node& node = writer.node(id);
  std::vector<std::string> halves = split(writer, id, 2);
  std::string& half = halves[node.attributes.word("gate") == "second" ? 1 : 0];
  const activation::Row& row = graph::activation_row(node);
  if (row.name != "identity")
    half = row_of_value(writer, row, graph::activation_parameters(node), half,
                        node.label + "_" + std::string(row.name));
  writer.append_for(id, "Mul", halves);
}

void write_maxout(Writer& writer, graph::NodeId id) {
  const std::int64_t pieces = writer.node(id).attributes.integer("pieces");
  writer.append_for(id, pieces == 1 ? "Identity" : "Max",
                    pieces == 1 ? std::vector{writer.input(id, 0)} : split(writer, id, pieces));
}

}  // namespace

std::span<const Mapping> split() {
  static const Mapping all[] = {
      {.onnx = "Split", .read = read, .op = "gate", .write = write_gate},
      {.op = "maxout", .write = write_maxout},
  };
  return all;
}

}  // namespace rectify::onnx::ops
