// positions: Add of a constant as large as a sample. The reader of Add (join.cpp) reads it.

#include "rectify/graph/positions.h"

#include <algorithm>

#include "rectify/onnx/mapping.h"
#include "rectify/onnx/writer.h"

namespace rectify::onnx::ops {

namespace {

void write(Writer& writer, graph::NodeId id) {
  const graph::Node& node = writer.node(id);
  const Shape& shape = node.type.shape;
  std::vector<float> numbers;
  if (node.inputs.size() > 1)
    numbers = writer.numbers(node.inputs[1]);
  else
    for (std::int64_t i = 0; i < shape.size(); ++i)
      numbers.push_back(
          static_cast<float>(graph::sinusoid(i / shape.back(), i % shape.back(), shape.back())));
  std::vector<std::int64_t> extents = shape.extents();
  if (shape.rank() == 3) {  // an image, channels first
    const std::vector<std::int64_t> order = order_of(image_view(writer.graph(), id));
    std::vector<float> turned(numbers.size());
    for (std::size_t i = 0; i < turned.size(); ++i)
      turned[i] = numbers[static_cast<std::size_t>(order[i])];
    numbers = std::move(turned);
    std::rotate(extents.begin(), extents.begin() + 2, extents.end());
  }
  writer.append_for(
      id, "Add", {writer.input(id, 0), writer.constant(node.label + ".weight", extents, numbers)});
}

}  // namespace

std::span<const Mapping> positions() {
  static const Mapping all[] = {{.op = "positions", .write = write}};
  return all;
}

}  // namespace rectify::onnx::ops
