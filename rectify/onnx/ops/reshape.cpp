// reshape and flatten, and the operators with which ONNX splits and joins axes. No number moves:
// the result is another view, and becomes a node only if an operator needs one.

#include <algorithm>

#include "rectify/graph/operator.h"
#include "rectify/graph/window.h"
#include "rectify/onnx/attention.h"
#include "rectify/onnx/mapping.h"
#include "rectify/onnx/reader.h"
#include "rectify/onnx/writer.h"

namespace rectify::onnx::ops {

namespace {

void give_grouped(Call& call, const std::vector<std::int64_t>& extents) {
  View view = call.view(0);
  std::optional<View> grouped = regrouped(view, extents);
  if (!grouped) call.unmapped("cuts axes whose numbers lie in another order here");
  if (extents.size() == 1) grouped->node = call.reader.shaped(view.node, Shape{view.size()});
  call.give(call.reader.as_sequence(*grouped));
}

/// Splits the axes of a part of a value, or of a formula: the heads of an attention.
void give_heads(Call& call, const Value& piece, const std::vector<std::int64_t>& extents) {
  const std::optional<View> grouped = regrouped(piece.view, extents);
  if (!grouped) call.unmapped("cuts axes whose numbers lie in another order here");
  Value heads = piece;
  heads.view = *grouped;
  call.give(std::move(heads));
}

void read_flatten(Call& call) {
  const View view = call.view(0);
  std::int64_t axis = call.integer("axis", 1);
  const auto rank = static_cast<std::int64_t>(view.axes.size()) + 1;
  if (axis < 0) axis += rank;
  if (axis != 1) call.unmapped("flattens from axis ", axis, " on; 1 is mapped");
  give_grouped(call, {view.size()});
}

/// Whether the first extent of a new shape leaves the batch as it is.
bool is_batch(const Call& call, std::int64_t extent, bool zero_copies) {
  return extent == -1 || extent == batch_symbol || (extent == 0 && zero_copies) ||
         (call.reader.fixed_batch() > 0 && extent == call.reader.fixed_batch());
}

void read_reshape(Call& call) {
  const Value& value = call.value(0);
  if (value.constant) call.unmapped("is of a constant");
  if (value.ids) call.unmapped("cuts whole numbers");
  const bool whole = value.whole();
  const Value piece = whole ? value : piece_of(call, value);
  const View& view = piece.view;
  std::vector<std::int64_t> shape = call.integers(1, "shape");
  const bool zero_copies = call.integer("allowzero", 0) == 0;
  if (shape.empty() || !is_batch(call, shape[0], zero_copies))
    call.unmapped("changes the batch, axis 0");
  const std::int64_t first = shape[0];
  shape.erase(shape.begin());
  std::int64_t known = 1;
  int unknown = -1;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0 && zero_copies && i < view.axes.size()) shape[i] = extent_of(view.axes[i]);
    if (shape[i] == -1) {
      if (unknown >= 0 || first == -1) call.unmapped("has a shape with two unknown extents");
      unknown = static_cast<int>(i);
    } else if (shape[i] < 1 || shape[i] > view.size() || known > view.size() / shape[i]) {
      call.unmapped("changes the batch, axis 0");
    } else {
      known *= shape[i];
    }
  }
  if (unknown >= 0) shape[static_cast<std::size_t>(unknown)] = view.size() / known;
  if (unknown >= 0 ? view.size() % known != 0 : known != view.size())
    call.unmapped("changes the batch, axis 0");
  const bool cut = whole && value.formula && shape.size() == view.axes.size() + 1 &&
                   line_of(*value.formula).has_value();
  if (whole && !cut) return give_grouped(call, shape);
  give_heads(call, piece, shape);
}

/// Squeeze and Unsqueeze of a constant: its numbers stay the same.
void give_constant(Call& call, std::vector<std::int64_t> extents) {
  Constant c = call.constant(0);
  c.extents = std::move(extents);
  call.give(std::move(c));
}

void read_unsqueeze(Call& call) {
  const Value value = call.value(0);
  std::vector<std::int64_t> axes = call.integers(1, "axes");
  const std::size_t rank =
      (value.constant ? value.constant->extents.size() : value.view.axes.size() + 1) + axes.size();
  if (rank > 64) call.unmapped("makes ", rank, " axes");
  for (std::int64_t& axis : axes) {
    if (axis < -static_cast<std::int64_t>(rank) || axis >= static_cast<std::int64_t>(rank))
      fail(call.where(), " has an axis ", axis, " of ", rank);
    if (axis < 0) axis += static_cast<std::int64_t>(rank);
  }
  std::ranges::sort(axes);
  if (value.constant) {
    std::vector<std::int64_t> extents = value.constant->extents;
    for (const std::int64_t axis : axes) extents.insert(extents.begin() + axis, 1);
    return give_constant(call, std::move(extents));
  }
  if (!value.whole()) call.unmapped("is of a part of a value");
  Value result = value;
  for (const std::int64_t axis : axes) {
    if (axis == 0) call.unmapped("moves the batch, axis 0");
    result.view.axes.insert(result.view.axes.begin() + (axis - 1), Axis{});
  }
  call.give(std::move(result));
}

void read_squeeze(Call& call) {
  const Value value = call.value(0);
  std::vector<std::int64_t> axes = call.integers(1, "axes");
  if (value.constant) {
    if (value.constant->size() != 1) call.unmapped("is of a constant of several numbers");
    return give_constant(call, {});
  }
  if (!value.whole()) call.unmapped("is of a part of a value");
  if (axes.empty()) call.unmapped("names no axes");
  const std::size_t rank = value.view.axes.size() + 1;
  std::vector<std::size_t> sorted;
  for (const std::int64_t axis : axes) sorted.push_back(call.axis(axis, rank));
  std::ranges::sort(sorted, std::greater<>());
  Value result = value;
  for (const std::size_t axis : sorted) {
    if (axis - 1 >= result.view.axes.size() || extent_of(result.view.axes[axis - 1]) != 1)
      fail(call.where(), " takes away an axis that is not of extent 1");
    result.view.axes.erase(result.view.axes.begin() + static_cast<std::ptrdiff_t>(axis) - 1);
  }
  call.give(std::move(result));
}

void write_reshape(Writer& writer, graph::NodeId id) {
  const graph::Node& node = writer.node(id);
  const std::string x = writer.channels_last(node.inputs[0], node.label);
  std::vector<std::int64_t> extents = node.type.shape.extents();
  extents.insert(extents.begin(), 0);  // the batch stays
  const std::string shape = writer.constant(node.label + ".shape", extents);
  if (writer.rank(id) != 4) {
    writer.append_for(id, "Reshape", {x, shape});
    return;
  }
  writer.define_from_last(id, writer.add("Reshape", {x, shape}, node.label + "_last"));
}

/// Whether only dense layers read a value, perhaps through element-wise operators.
bool feeds_layers(const Writer& writer, graph::NodeId id) {
  const std::vector<graph::NodeId> users = writer.graph().users(id);
  return id != writer.graph().result && !users.empty() &&
         std::ranges::all_of(users, [&](graph::NodeId user) {
           const std::string_view op = writer.node(user).op->name;
           return op == "dense" || ((op == "activate" || op == "activate_random" ||
                                     op == "dropout" || op == "alpha_dropout") &&
                                    feeds_layers(writer, user));
         });
}

/// A flatten that only dense layers read is written in ONNX's order: their weights are reordered
/// instead.
void write_flatten(Writer& writer, graph::NodeId id) {
  const graph::Node& node = writer.node(id);
  const Shape& image = writer.node(node.inputs[0]).type.shape;
  const bool is_image = image.rank() == 3;
  const bool plain = is_image && (image[2] == 1 || image[0] * image[1] == 1);
  if (is_image && !plain && feeds_layers(writer, id)) writer.say_flattened_from(id, image);
  const bool turn = is_image && !plain && !writer.flattened_from(id);
  writer.append_for(
      id, "Flatten",
      {turn ? writer.channels_last(node.inputs[0], node.label) : writer.input(id, 0)});
}

}  // namespace

std::span<const Mapping> reshape() {
  static const Mapping all[] = {
      {.onnx = "Reshape", .read = read_reshape, .op = "reshape", .write = write_reshape},
      {.onnx = "Flatten", .read = read_flatten, .op = "flatten", .write = write_flatten},
      {.onnx = "Unsqueeze", .read = read_unsqueeze},
      {.onnx = "Squeeze", .read = read_squeeze},
  };
  return all;
}

}  // namespace rectify::onnx::ops
