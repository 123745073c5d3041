// activate: a row of the family, written as its ONNX operator or, without one, as several.

#include "rectify/graph/activate.h"

#include "rectify/onnx/mapping.h"
#include "rectify/onnx/row_writer.h"
#include "rectify/onnx/writer.h"

namespace rectify::onnx::ops {

namespace {

void write(Writer& writer, graph::NodeId id) {
  const graph::Node& node = writer.node(id);
  write_row(writer, id, graph::activation_row(node), graph::activation_parameters(node),
            writer.input(id, 0));
  if (const Shape* image = writer.flattened_from(node.inputs[0]))
    writer.say_flattened_from(id, *image);
}

}  // namespace

std::span<const Mapping> activate() {
  static const Mapping all[] = {{.op = "activate", .write = write},
                                {.op = "activate_random", .write = write}};
  return all;
}

}  // namespace rectify::onnx::ops
