// batch_norm in inference, layer_norm, rms_norm.

#include <algorithm>
#include <cmath>

#include "rectify/graph/operator.h"
#include "rectify/onnx/mapping.h"
#include "rectify/onnx/reader.h"
#include "rectify/onnx/writer.h"

namespace rectify::onnx::ops {

namespace {

/// A constant of one number a channel, in the order that the channels have here.
std::vector<float> placed(Call& call, int input, const Reader::Channels& c) {
  const Constant& constant = call.constant(input);
  if (constant.size() != c.count)
    fail(call.where(), " has ", constant.size(), " numbers as input ", input, " for ", c.count,
         " channels");
  const std::vector<float> numbers = constant.as_floats();
  std::vector<float> at(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i)
    at[static_cast<std::size_t>(c.order[i])] = numbers[i];
  return at;
}

void read_batch_norm(Call& call) {
  call.only_first_output();
  // Before operator set 7 it served training too, unless is_test was set.
  const bool old = call.reader.operator_set() < 7;
  if (call.integer("training_mode", 0) != 0 || (old && call.integer("is_test", 0) == 0))
    call.unmapped("is in training mode");
  const View x = call.view(0);
  if (x.axes.empty()) call.unmapped("has no channels");
  const Reader::Channels c = call.reader.channels(x, 0, call.where());
  const std::vector<float> scale = placed(call, 1, c), shift = placed(call, 2, c),
                           mean = placed(call, 3, c), variance = placed(call, 4, c);
  graph::Attributes attributes;
  // Rounded to the decimal that a person would type: 0.1, not 1 - 0.9f.
  const double momentum = std::round((1 - call.number("momentum", 0.9)) * 1e6) / 1e6;
  attributes.set("momentum", momentum);
  attributes.set("epsilon", call.number("epsilon", 1e-5));
  const auto all = [](const std::vector<float>& v, float of) {
    return std::ranges::all_of(v, [of](float f) { return f == of; });
  };
  const bool affine = !all(scale, 1) || !all(shift, 0);
  attributes.set("affine", std::string(affine ? "yes" : "no"));
  const graph::NodeId node = call.build("batch_norm", c.node, attributes);
  call.set_numbers(node, "mean", mean);
  call.set_numbers(node, "variance", variance);
  if (affine) {
    call.set_numbers(node, "scale", scale);
    call.set_numbers(node, "shift", shift);
  }
  call.give(View{node, x.axes});
}

void write_batch_norm(Writer& writer, graph::NodeId id) {
  const graph::Node& node = writer.node(id);
  const graph::Node& statistics = writer.node(node.inputs[1]);
  const std::int64_t channels = graph::last_extent(writer.graph(), id);
  const auto number = [&](const char* name, graph::NodeId from, float otherwise) {
    return writer.constant(node.label + "." + name, {channels},
                           from < 0
                               ? std::vector<float>(static_cast<std::size_t>(channels), otherwise)
                               : writer.numbers(from));
  };
  const bool affine = node.inputs.size() > 2;
  std::vector<std::string> inputs = {
      writer.input(id, 0), number("scale", affine ? node.inputs[2] : -1, 1),
      number("shift", affine ? node.inputs[3] : -1, 0), number("mean", statistics.inputs[1], 0),
      number("variance", statistics.inputs[2], 1)};
  const bool turn = writer.rank(id) == 3;  // channels are axis 1 in ONNX
  if (turn) {
    pb::NodeProto& before = writer.append("Transpose", {inputs[0]}, node.label + "_first");
    set_integers(before, "perm", {0, 2, 1});
    inputs[0] = before.output(0);
  }
  pb::NodeProto& norm = turn ? writer.append("BatchNormalization", inputs, node.label + "_turned")
                             : writer.append_for(id, "BatchNormalization", inputs);
  set_number(norm, "epsilon", node.attributes.number("epsilon"));
  set_number(norm, "momentum", 1 - node.attributes.number("momentum"));
  norm.set_name(node.label);
  if (!turn) return;
  pb::NodeProto& back = writer.append_for(id, "Transpose", {norm.output(0)});
  back.set_name(node.label + "_last");
  set_integers(back, "perm", {0, 2, 1});
}

/// LayerNormalization over the last axes together: their numbers are one vector here.
void read_layer_norm(Call& call) {
  call.only_first_output();
  View x = call.view(0);
  const std::size_t axis = call.axis(call.integer("axis", -1), x.axes.size() + 1) - 1;
  if (axis + 1 == x.axes.size()) x = call.reader.last_in_order(x, call.where());
  const std::vector<std::int64_t> extents = x.extents();
  std::vector<std::int64_t> grouped(extents.begin(),
                                    extents.begin() + static_cast<std::ptrdiff_t>(axis));
  std::int64_t size = 1;
  for (std::size_t i = axis; i < extents.size(); ++i) size *= extents[i];
  grouped.push_back(size);
  const Reader::Channels c = call.reader.channels(*regrouped(x, grouped), axis, call.where());
  const bool affine = call.has(1) || call.has(2);
  graph::Attributes attributes;
  attributes.set("epsilon", call.number("epsilon", 1e-5));
  attributes.set("affine", std::string(affine ? "yes" : "no"));
  const auto ones = std::vector<float>(static_cast<std::size_t>(c.count), 1.0f);
  const std::vector<float> scale = call.has(1) ? placed(call, 1, c) : ones;
  const std::vector<float> shift =
      call.has(2) ? placed(call, 2, c) : std::vector<float>(ones.size(), 0.0f);
  const graph::NodeId node = call.build("layer_norm", c.node, attributes);
  if (affine) {
    call.set_numbers(node, "scale", scale);
    call.set_numbers(node, "shift", shift);
  }
  call.give(View{node, x.axes});
}

void write_layer_norm(Writer& writer, graph::NodeId id) {
  const graph::Node& node = writer.node(id);
  const std::int64_t channels = graph::last_extent(writer.graph(), id);
  std::vector<float> scale(static_cast<std::size_t>(channels), 1.0f), shift(scale.size(), 0.0f);
  if (node.inputs.size() > 1) {
    scale = writer.numbers(node.inputs[1]);
    shift = writer.numbers(node.inputs[2]);
  }
  const std::string x = writer.channels_last(node.inputs[0], node.label);
  const std::vector<std::string> inputs = {
      x, writer.constant(node.label + ".scale", {channels}, scale),
      writer.constant(node.label + ".shift", {channels}, shift)};
  const bool turn = writer.rank(id) == 4;
  pb::NodeProto& norm = turn ? writer.append("LayerNormalization", inputs, node.label + "_turned")
                             : writer.append_for(id, "LayerNormalization", inputs);
  set_integer(norm, "axis", -1);
  set_number(norm, "epsilon", node.attributes.number("epsilon"));
  norm.set_name(node.label);
  if (turn) writer.define_from_last(id, norm.output(0));
}

/// Writes x / sqrt(mean of x² + epsilon) and the scale as several operators: set 17 has none for
/// it.
void write_rms_norm(Writer& writer, graph::NodeId id) {
  const graph::Node& node = writer.node(id);
  const std::string &x = writer.input(id, 0), label = node.label;
  const std::string square = writer.add("Mul", {x, x}, label + "_square");
  pb::NodeProto& reduce = writer.append("ReduceMean", {square}, label + "_mean");
  set_integers(reduce, "axes", {writer.channel_axis(id)});
  const std::string mean = reduce.output(0);
  const std::string epsilon = writer.scalar(node.attributes.number("epsilon"));
  const std::string sum = writer.add("Add", {mean, epsilon}, label + "_sum");
  const std::string root = writer.add("Sqrt", {sum}, label + "_root");
  if (node.inputs.size() < 2) {
    writer.append_for(id, "Div", {x, root});
    return;
  }
  pb::NodeProto& unscaled = writer.append("Div", {x, root}, label + "_unscaled");
  unscaled.set_name(label);
  const std::string scale =
      writer.constant(label + ".scale", writer.channel_extents(id), writer.numbers(node.inputs[1]));
  writer.append_for(id, "Mul", {unscaled.output(0), scale}).set_name(label + "_scaled");
}

/// The node of the statistics has no counterpart in ONNX.
void write_nothing(Writer&, graph::NodeId) {}

}  // namespace

std::span<const Mapping> norm() {
  static const Mapping all[] = {
      {.onnx = "BatchNormalization",
       .read = read_batch_norm,
       .op = "batch_norm",
       .write = write_batch_norm},
      {.op = "batch_norm_statistics", .write = write_nothing},
      {.onnx = "LayerNormalization",
       .read = read_layer_norm,
       .op = "layer_norm",
       .write = write_layer_norm},
      {.op = "rms_norm", .write = write_rms_norm},
  };
  return all;
}

}  // namespace rectify::onnx::ops
