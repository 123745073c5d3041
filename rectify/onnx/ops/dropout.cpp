// dropout, which does nothing in inference, and identity.

#include <algorithm>

#include "rectify/graph/operator.h"
#include "rectify/onnx/mapping.h"
#include "rectify/onnx/reader.h"
#include "rectify/onnx/writer.h"

namespace rectify::onnx::ops {

namespace {

void read_dropout(Call& call) {
  call.only_first_output();
  double rate = call.number("ratio", 0.5);
  if (call.has(1)) {
    if (call.constant(1).size() != 1) fail(call.where(), " has a ratio that is no number");
    rate = tidy(call.constant(1).scalar());
  }
  const bool old = call.reader.operator_set() < 7;
  if ((old && call.integer("is_test", 0) == 0) ||
      (call.has(2) && (call.constant(2).size() != 1 || call.constant(2).scalar() != 0)))
    call.unmapped("is in training mode");
  const View x = call.view(0);
  if (rate == 0) return call.give(x);
  graph::Attributes attributes;
  attributes.set("rate", rate);
  call.give(View{call.build("dropout", x.node, attributes), x.axes});
}

void write_dropout(Writer& writer, graph::NodeId id) {
  const graph::Node& node = writer.node(id);
  writer.append_for(id, "Dropout",
                    {writer.input(id, 0), writer.scalar(node.attributes.number("rate"))});
  if (const Shape* image = writer.flattened_from(node.inputs[0]))
    writer.say_flattened_from(id, *image);
}

void read_identity(Call& call) { call.give(call.value(0)); }

void read_cast(Call& call) {
  const std::int64_t to = call.integer("to", 0);
  const Value& value = call.value(0);
  const bool floats = to == pb::TensorProto::FLOAT;
  const bool ids = to == pb::TensorProto::INT64 || to == pb::TensorProto::INT32;
  const bool input = !value.constant && !value.view.axes.empty() &&
                     call.graph().node(value.view.node).op->name == "input" && !value.formula;
  if (input && (value.ids || value.whole()) && (ids || (floats && value.ids))) {
    Value cast = value;
    cast.ids = ids;
    return call.give(std::move(cast));
  }
  const bool keeps =
      value.constant ? value.constant->whole != floats && to != pb::TensorProto::BOOL : floats;
  if (!keeps) call.unmapped("changes the type of its elements");
  call.give(value);
}

}  // namespace

std::span<const Mapping> dropout() {
  static const Mapping all[] = {
      {.onnx = "Dropout", .read = read_dropout, .op = "dropout", .write = write_dropout},
      {.op = "alpha_dropout", .write = write_dropout},
      {.onnx = "Identity", .read = read_identity},
      {.onnx = "Cast", .read = read_cast},
  };
  return all;
}

}  // namespace rectify::onnx::ops
