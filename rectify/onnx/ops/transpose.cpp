// transpose: a value gets another view, since its numbers stay where they are until an operator
// needs them in order. A constant, such as a weight, is transposed itself.

#include <algorithm>

#include "rectify/onnx/attention.h"
#include "rectify/onnx/mapping.h"
#include "rectify/onnx/reader.h"
#include "rectify/onnx/writer.h"

namespace rectify::onnx::ops {

namespace {

std::vector<std::int64_t> perm_of(const Call& call, std::size_t rank) {
  std::vector<std::int64_t> perm = call.integers("perm");
  if (perm.empty())
    for (std::size_t i = rank; i-- > 0;) perm.push_back(static_cast<std::int64_t>(i));
  std::vector<std::int64_t> sorted = perm;
  std::ranges::sort(sorted);
  for (std::size_t i = 0; i < std::max(rank, sorted.size()); ++i)
    if (sorted.size() != rank || sorted[i] != static_cast<std::int64_t>(i))
      fail(call.where(), " has a perm that is no order of ", rank, " axes");
  return perm;
}

void turn_constant(Call& call) {
  const Constant& c = call.constant(0);
  const std::vector<std::int64_t> perm = perm_of(call, c.extents.size());
  if (c.extents.size() != 2 || c.whole || c.size() == 0)
    call.unmapped("is of a constant that is no matrix");
  if (perm[0] == 0) return call.give(Constant(c));
  Constant turned{.extents = {c.extents[1], c.extents[0]}};
  turned.floats.reserve(c.floats.size());
  for (std::int64_t column = 0; column < c.extents[1]; ++column)
    for (std::int64_t row = 0; row < c.extents[0]; ++row)
      turned.floats.push_back(c.floats[static_cast<std::size_t>(row * c.extents[1] + column)]);
  call.give(std::move(turned));
}

void read_transpose(Call& call) {
  if (call.is_constant(0)) return turn_constant(call);
  const Value& from = call.value(0);
  const Value value = from.whole() ? from : piece_of(call, from);
  const std::size_t rank = value.view.axes.size() + 1;
  const std::vector<std::int64_t> perm = perm_of(call, rank);
  if (perm[0] != 0) call.unmapped("turns the batch, axis 0");
  Value turned = value;
  for (std::size_t i = 1; i < rank; ++i)
    turned.view.axes[i - 1] = value.view.axes[static_cast<std::size_t>(perm[i]) - 1];
  if (turned.whole() && !turned.formula) return call.give(call.reader.as_sequence(turned.view));
  call.give(std::move(turned));
}

/// Swaps the last two axes of a value in the order that they have here.
void write(Writer& writer, graph::NodeId id) {
  const graph::Node& node = writer.node(id);
  const std::string x = writer.channels_last(node.inputs[0], node.label);
  std::vector<std::int64_t> perm;
  for (std::int64_t i = 0; i < writer.rank(id); ++i) perm.push_back(i);
  std::swap(perm[perm.size() - 1], perm[perm.size() - 2]);
  const bool image = writer.rank(id) == 4;
  pb::NodeProto& turn = image ? writer.append("Transpose", {x}, node.label + "_turned")
                              : writer.append_for(id, "Transpose", {x});
  set_integers(turn, "perm", perm);
  if (image) writer.define_from_last(id, turn.output(0));
}

}  // namespace

std::span<const Mapping> transpose() {
  static const Mapping all[] = {
      {.onnx = "Transpose", .read = read_transpose, .op = "transpose", .write = write}};
  return all;
}

}  // namespace rectify::onnx::ops
