// attention, written as PyTorch writes it: queries, keys and values are parts of a vector, each cut
// into heads, which become an axis; then two products with a softmax between them. It is read in
// onnx/attention.cpp, because its nodes have other uses too.

#include <cmath>
#include <limits>

#include "rectify/onnx/mapping.h"
#include "rectify/onnx/writer.h"

namespace rectify::onnx::ops {

namespace {

/// Where an axis goes when its number is `from[i]` before.
std::string turned(Writer& writer, const std::string& x, std::int64_t before,
                   const std::vector<std::int64_t>& order, const std::string& label) {
  std::vector<std::int64_t> perm;
  for (std::int64_t i = 0; i < before; ++i) perm.push_back(i);
  for (const std::int64_t axis : order) perm.push_back(before + axis);
  pb::NodeProto& node = writer.append("Transpose", {x}, label);
  set_integers(node, "perm", perm);
  return node.output(0);
}

/// The mask that is added to the fit: 0 where a place sees another, else so low that the softmax
/// gives 0.
std::string causal_mask(Writer& writer, std::int64_t places) {
  std::vector<float> mask;
  for (std::int64_t t = 0; t < places; ++t)
    for (std::int64_t s = 0; s < places; ++s)
      mask.push_back(s > t ? std::numeric_limits<float>::lowest() : 0.0f);
  return writer.shared_constant("causal_mask_" + std::to_string(places), {places, places}, mask);
}

void write(Writer& writer, graph::NodeId id) {
  const graph::Node& node = writer.node(id);
  const std::string& label = node.label;
  const Shape& shape = node.type.shape;
  const std::int64_t heads = node.attributes.integer("heads"), width = shape.back() / heads,
                     before = writer.rank(id) - 2;
  const std::string x = writer.channels_last(node.inputs[0], label);
  std::vector<std::int64_t> cut(static_cast<std::size_t>(before) + 1, 0);  // 0: as it is
  std::vector<std::int64_t> joined = cut;
  cut.insert(cut.end(), {heads, width});
  joined.push_back(shape.back());
  pb::NodeProto& split = writer.append("Split", {x}, label + "_queries");
  set_integer(split, "axis", before + 1);
  std::vector<std::string> parts = {split.output(0), writer.add_output(split, label + "_keys"),
                                    writer.add_output(split, label + "_values")};
  const std::string shape_of_heads = writer.constant(label + ".heads", cut);
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string name = parts[i] + "_heads";
    const std::string of_heads = writer.add("Reshape", {parts[i], shape_of_heads}, name);
    const std::vector<std::int64_t> order =
        i == 1 ? std::vector<std::int64_t>{1, 2, 0} : std::vector<std::int64_t>{1, 0, 2};
    parts[i] = turned(writer, of_heads, before, order, name + "_first");
  }
  const std::string fit = writer.add("MatMul", {parts[0], parts[1]}, label + "_fit");
  const std::string scale = writer.scalar(1 / std::sqrt(static_cast<double>(width)));
  std::string scores = writer.add("Mul", {fit, scale}, label + "_scores");
  if (node.attributes.word("causal") == "yes")
    scores = writer.add("Add", {scores, causal_mask(writer, shape[shape.rank() - 2])},
                        label + "_causal");
  pb::NodeProto& softmax = writer.append("Softmax", {scores}, label + "_shares");
  set_integer(softmax, "axis", -1);
  const std::string shares = softmax.output(0);
  pb::NodeProto& product = writer.append("MatMul", {shares, parts[2]}, label + "_means");
  product.set_name(label);
  const std::string means = product.output(0);
  const std::string rows = turned(writer, means, before, {1, 0, 2}, label + "_places_first");
  const std::string shape_of_rows = writer.constant(label + ".shape", joined);
  if (writer.rank(id) != 4) {
    writer.append_for(id, "Reshape", {rows, shape_of_rows}).set_name(label + "_joined");
    return;
  }
  writer.define_from_last(id, writer.add("Reshape", {rows, shape_of_rows}, label + "_joined"));
}

}  // namespace

std::span<const Mapping> attention() {
  static const Mapping all[] = {{.op = "attention", .write = write}};
  return all;
}

}  // namespace rectify::onnx::ops
