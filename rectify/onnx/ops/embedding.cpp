// embedding: Gather of the matrix rows of a weight by the network's input, which then is whole
// numbers. Gather of a constant takes numbers from a list or a table.

#include <algorithm>

#include "rectify/onnx/mapping.h"
#include "rectify/onnx/reader.h"
#include "rectify/onnx/writer.h"

namespace rectify::onnx::ops {

namespace {

constexpr std::int64_t most = std::int64_t{1} << 22;

/// Gather of a constant: of a list, one number or several; of a table of floats, its matrix rows.
void give_constant(Call& call, const Constant& from, const Constant& at) {
  const bool list = from.extents.size() == 1 && from.whole && at.extents.size() <= 1;
  const bool table = from.extents.size() == 2 && !from.whole && call.integer("axis", 0) == 0;
  if (!at.whole || !(list || table)) call.unmapped("is of no list of whole numbers");
  const std::int64_t size = from.extents[0], width = list ? 1 : from.extents[1];
  if (at.size() > most / std::max<std::int64_t>(1, width))
    call.unmapped("makes more than ", most, " numbers");
  Constant result{.extents = at.extents, .whole = from.whole};
  if (table) result.extents.push_back(width);
  for (std::int64_t i : at.integers) {
    if (i < -size || i >= size) fail(call.where(), " takes number ", i, " of ", size);
    const std::int64_t row = (i < 0 ? i + size : i) * width;
    if (list)
      result.integers.push_back(from.integers[static_cast<std::size_t>(row)]);
    else
      result.floats.insert(result.floats.end(), from.floats.begin() + row,
                           from.floats.begin() + row + width);
  }
  call.give(std::move(result));
}

void read(Call& call) {
  const Constant& weight = call.constant(0);
  const Value at = call.value(1);
  if (at.constant) return give_constant(call, weight, *at.constant);
  if (!at.ids) call.unmapped("takes rows by numbers that are not the model's input");
  const std::int64_t axis = call.integer("axis", 0);
  if (weight.extents.size() != 2 || weight.whole || (axis != 0 && axis != -2))
    call.unmapped("takes no rows of a matrix");
  if (weight.size() == 0) fail(call.where(), " takes rows of an empty matrix");
  graph::Attributes attributes;
  attributes.set("ids", weight.extents[0]);
  attributes.set("units", weight.extents[1]);
  const graph::NodeId node = call.build("embedding", at.view.node, attributes);
  call.set_numbers(node, "weight", weight.floats);
  View view{node, at.view.axes};
  for (Axis& each : view.axes)
    for (Atom& atom : each) atom.stride *= weight.extents[1];
  view.axes.push_back(weight.extents[1] == 1 ? Axis{} : Axis{{weight.extents[1], 1}});
  call.give(view);
}

/// The ids of an image are channels first, and their embeddings have one axis more.
void write(Writer& writer, graph::NodeId id) {
  const graph::Node& node = writer.node(id);
  const Shape& weight = writer.node(node.inputs[1]).type.shape;
  const std::string& label = node.label;
  std::string ids = writer.input(id, 0);
  if (!writer.takes_ids(node.inputs[0])) {
    pb::NodeProto& cast = writer.append("Cast", {ids}, label + "_ids");
    set_integer(cast, "to", pb::TensorProto::INT64);
    ids = cast.output(0);
  }
  const std::int64_t rank = writer.rank(node.inputs[0]);
  if (rank == 4) {
    pb::NodeProto& turn = writer.append("Transpose", {ids}, label + "_ids_last");
    set_integers(turn, "perm", {0, 2, 3, 1});
    ids = turn.output(0);
  }
  const std::string rows =
      writer.constant(label + ".weight", weight.extents(), writer.numbers(node.inputs[1]));
  if (rank != 3) {
    writer.append_for(id, "Gather", {rows, ids});
    return;
  }
  pb::NodeProto& gather = writer.append("Gather", {rows, ids}, label + "_last");
  gather.set_name(label);
  writer.define_from_last(id, gather.output(0));
}

}  // namespace

std::span<const Mapping> embedding() {
  static const Mapping all[] = {
      {.onnx = "Gather", .read = read, .op = "embedding", .write = write}};
  return all;
}

}  // namespace rectify::onnx::ops
