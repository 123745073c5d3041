// softmax and log_softmax over the last axis; in older operator sets over all axes from one on.

#include "rectify/graph/operator.h"
#include "rectify/onnx/attention.h"
#include "rectify/onnx/mapping.h"
#include "rectify/onnx/reader.h"
#include "rectify/onnx/writer.h"

namespace rectify::onnx::ops {

namespace {

void read(Call& call) {
  if (give_shares(call)) return;
  View x = call.view(0);
  const bool together = call.reader.operator_set() < 13;
  const std::size_t axis =
      call.axis(call.integer("axis", together ? 1 : -1), x.axes.size() + 1) - 1;
  if (axis + 1 == x.axes.size()) x = call.reader.last_in_order(x, call.where());
  std::vector<std::int64_t> extents = x.extents();
  if (together) {
    std::int64_t size = 1;
    for (std::size_t i = axis; i < extents.size(); ++i) size *= extents[i];
    extents.resize(axis);
    extents.push_back(size);
  }
  const Reader::Channels c = call.reader.channels(*regrouped(x, extents), axis, call.where());
  const bool log = call.node.op_type() == "LogSoftmax";
  call.give(View{call.build(log ? "log_softmax" : "softmax", c.node, {}), x.axes});
}

void write(Writer& writer, graph::NodeId id) {
  const bool log = writer.node(id).op->name == "log_softmax";
  set_integer(writer.append_for(id, log ? "LogSoftmax" : "Softmax", {writer.input(id, 0)}), "axis",
              writer.channel_axis(id));
}

}  // namespace

std::span<const Mapping> softmax() {
  static const Mapping all[] = {
      {.onnx = "Softmax", .read = read, .op = "softmax", .write = write},
      {.onnx = "LogSoftmax", .read = read, .op = "log_softmax", .write = write},
  };
  return all;
}

}  // namespace rectify::onnx::ops
