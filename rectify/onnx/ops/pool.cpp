// max_pool, avg_pool, global_avg_pool.

#include <algorithm>

#include "rectify/graph/operator.h"
#include "rectify/onnx/mapping.h"
#include "rectify/onnx/window.h"

namespace rectify::onnx::ops {

namespace {

void read_window(Call& call) {
  call.only_first_output();
  const bool max = call.node.op_type() == "MaxPool";
  const graph::NodeId x = call.reader.image(call.view(0), call.where());
  const Shape image = call.graph().node(x).type.shape;
  const graph::Attributes attributes =
      window_attributes(call, image, call.integers("kernel_shape"), "valid", false);
  const graph::Window window = graph::window_of(attributes, image);
  const auto pads = [](const graph::WindowAxis& axis) { return axis.before + axis.after > 0; };
  if (!max && call.integer("count_include_pad", 0) != 0 && (pads(window.y) || pads(window.x)))
    call.unmapped("counts its padding");
  call.give(image_view(call.graph(), call.build(max ? "max_pool" : "avg_pool", x, attributes)));
}

void write_window(Writer& writer, graph::NodeId id) {
  const graph::Node& node = writer.node(id);
  pb::NodeProto& pool = writer.append_for(
      id, node.op->name == "max_pool" ? "MaxPool" : "AveragePool", {writer.input(id, 0)});
  set_window(pool, graph::window_over(writer.graph(), node), false);
}

/// The result is a vector of channels here; in ONNX two axes of extent 1 follow.
View pooled(Call& call, graph::NodeId node) {
  View view = natural_view(call.graph(), node);
  view.axes.resize(3);
  return view;
}

void read_global_average(Call& call) {
  const graph::NodeId x = call.reader.image(call.view(0), call.where());
  call.give(pooled(call, call.build("global_avg_pool", x, {})));
}

void read_global_max(Call& call) {
  const graph::NodeId x = call.reader.image(call.view(0), call.where());
  const Shape image = call.graph().node(x).type.shape;
  if (image[0] > 1024 || image[1] > 1024) call.unmapped("is over more than 1024x1024 places");
  graph::Attributes attributes;
  attributes.set("kernel", concat(image[0], "x", image[1]));
  call.give(image_view(call.graph(), call.build("max_pool", x, attributes)));
}

void write_global_average(Writer& writer, graph::NodeId id) {
  const std::string& label = writer.node(id).label;
  pb::NodeProto& mean = writer.append("GlobalAveragePool", {writer.input(id, 0)}, label + "_mean");
  mean.set_name(label);
  writer.append_for(id, "Flatten", {mean.output(0)}).set_name(label + "_row");
}

/// ReduceMean over height and width is global_avg_pool; over one axis of a formula it may be a part
/// of rms_norm.
void read_mean(Call& call) {
  Value value = call.value(0);
  if (value.constant || value.mean_axis >= 0) call.unmapped("is of no value that is mapped");
  const std::size_t rank = value.view.axes.size() + 1;
  std::vector<std::size_t> axes;
  for (const std::int64_t axis : call.integers(1, "axes")) axes.push_back(call.axis(axis, rank));
  std::ranges::sort(axes);
  const bool keeps = call.integer("keepdims", 1) != 0;
  if (axes == std::vector<std::size_t>{2, 3} && rank == 4) {
    const graph::NodeId x = call.reader.image(call.view(0), call.where());
    View view = pooled(call, call.build("global_avg_pool", x, {}));
    if (!keeps) view.axes.resize(1);
    return call.give(view);
  }
  if (axes.size() != 1 || !keeps || value.part_axis >= 0)
    call.unmapped("is of axes that are not mapped");
  if (value.whole() && value.formula && row_of(*value.formula)) value = Value{.view = call.view(0)};
  Value mean = value;
  mean.mean_axis = static_cast<int>(axes[0]) - 1;
  call.give(std::move(mean));
}

}  // namespace

std::span<const Mapping> pool() {
  static const Mapping all[] = {
      {.onnx = "MaxPool", .read = read_window, .op = "max_pool", .write = write_window},
      {.onnx = "AveragePool", .read = read_window, .op = "avg_pool", .write = write_window},
      {.onnx = "GlobalAveragePool",
       .read = read_global_average,
       .op = "global_avg_pool",
       .write = write_global_average},
      {.onnx = "GlobalMaxPool", .read = read_global_max},
      {.onnx = "ReduceMean", .read = read_mean},
  };
  return all;
}

}  // namespace rectify::onnx::ops
