// conv_transpose: weights are inputs x units of a group x height x width in ONNX, height x width x
// units of a group x inputs here. images.cpp reads ConvTranspose, by the general way.

#include "rectify/graph/operator.h"
#include "rectify/onnx/mapping.h"
#include "rectify/onnx/window.h"

namespace rectify::onnx::ops {

namespace {

void write(Writer& writer, graph::NodeId id) {
  const graph::Node& node = writer.node(id);
  const Shape& w = writer.node(node.inputs[1]).type.shape;
  const std::int64_t taps = w[0] * w[1], units = w[2], inputs = w[3];
  const std::vector<float>& here = writer.numbers(node.inputs[1]);
  std::vector<float> there;
  for (std::int64_t i = 0; i < inputs; ++i)
    for (std::int64_t u = 0; u < units; ++u)
      for (std::int64_t t = 0; t < taps; ++t)
        there.push_back(here[static_cast<std::size_t>((t * units + u) * inputs + i)]);
  pb::NodeProto& transposed = writer.append_for(
      id, "ConvTranspose",
      {writer.input(id, 0),
       writer.constant(node.label + ".weight", {inputs, units, w[0], w[1]}, there)});
  const Shape& image = writer.node(node.inputs[0]).type.shape;
  set_window(transposed, graph::transposed_window(node.attributes, image), true);
  set_integer(transposed, "group", node.attributes.integer("groups"));
}

}  // namespace

std::span<const Mapping> conv_transpose() {
  static const Mapping all[] = {{.op = "conv_transpose", .write = write}};
  return all;
}

}  // namespace rectify::onnx::ops
