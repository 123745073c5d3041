// dense: Gemm on one vector a sample; MatMul on a vector or a sequence, with the Add of a bias
// behind it. MatMul of two computed values belongs to an attention.

#include <algorithm>

#include "rectify/graph/operator.h"
#include "rectify/onnx/attention.h"
#include "rectify/onnx/mapping.h"
#include "rectify/onnx/reader.h"
#include "rectify/onnx/writer.h"

namespace rectify::onnx::ops {

namespace {

/// A weight with its matrix rows, one an input, in the order that the inputs have in ONNX.
std::vector<float> turned(const Writer& writer, graph::NodeId id) {
  const graph::Node& node = writer.node(id);
  const std::vector<float>& weight = writer.numbers(node.inputs[1]);
  const Shape* image = writer.flattened_from(node.inputs[0]);
  if (!image) return weight;
  const auto units = static_cast<std::size_t>(node.type.shape[0]);  // the only extent of a vector
  std::vector<float> rows;
  rows.reserve(weight.size());
  const std::int64_t c = (*image)[2];
  for (std::int64_t channel = 0; channel < c; ++channel)
    for (std::int64_t place = 0; place < image->size() / c; ++place) {
      const auto first = weight.begin() + (place * c + channel) * node.type.shape[0];
      rows.insert(rows.end(), first, first + static_cast<std::ptrdiff_t>(units));
    }
  return rows;
}

/// Writes x W + b for each vector of the last axis; in an image these are the channels of a pixel.
void write_rows(Writer& writer, graph::NodeId id) {
  const graph::Node& node = writer.node(id);
  const Shape& weight = writer.node(node.inputs[1]).type.shape;
  const std::string& label = node.label;
  const bool image = writer.rank(id) == 4, bias = node.inputs.size() > 2;
  const std::vector<std::string> inputs = {
      writer.channels_last(node.inputs[0], label),
      writer.constant(label + ".weight", weight.extents(), writer.numbers(node.inputs[1]))};
  const bool whole = !image && !bias;
  pb::NodeProto& product = whole ? writer.append_for(id, "MatMul", inputs)
                                 : writer.append("MatMul", inputs, label + "_product");
  product.set_name(label);
  std::string last = product.output(0);
  if (bias) {
    const std::string b =
        writer.constant(label + ".bias", {weight[1]}, writer.numbers(node.inputs[2]));
    pb::NodeProto& sum = image ? writer.append("Add", {last, b}, label + "_biased")
                               : writer.append_for(id, "Add", {last, b});
    sum.set_name(label + "_biased");
    last = sum.output(0);
  }
  if (image) writer.define_from_last(id, last);
}

void write(Writer& writer, graph::NodeId id) {
  if (writer.rank(id) > 2) return write_rows(writer, id);
  const graph::Node& node = writer.node(id);
  const Shape& weight = writer.node(node.inputs[1]).type.shape;
  std::vector<std::string> inputs = {
      writer.input(id, 0),
      writer.constant(node.label + ".weight", weight.extents(), turned(writer, id))};
  if (node.inputs.size() > 2)
    inputs.push_back(
        writer.constant(node.label + ".bias", {weight[1]}, writer.numbers(node.inputs[2])));
  writer.append_for(id, "Gemm", inputs);
}

/// Appends x W + b over the last axis. W is (inputs, units), with the inputs in ONNX's order; b may
/// be null.
void give_dense(Call& call, const View& x, const std::vector<float>& weight, std::int64_t units,
                const std::vector<float>* bias, std::string output) {
  const bool several = x.axes.size() > 1;
  const View from = several ? call.reader.ordered(x, call.where()) : x;
  const std::int64_t inputs = extent_of(x.axes.back());
  const std::vector<std::int64_t> order =
      order_of({x.node, {several ? from.axes.back() : x.axes[0]}});
  std::vector<float> rows(weight.size());
  for (std::int64_t i = 0; i < inputs; ++i)
    std::copy_n(weight.begin() + i * units, units,
                rows.begin() + order[static_cast<std::size_t>(i)] * units);
  graph::Attributes attributes;
  attributes.set("units", units);
  attributes.set("bias", std::string(bias ? "yes" : "no"));
  const graph::NodeId node = call.build(
      "dense", several ? from.node : call.reader.shaped(x.node, Shape{inputs}), attributes);
  call.set_numbers(node, "weight", std::move(rows));
  if (bias) call.set_numbers(node, "bias", *bias);
  call.reader.define(output, Value{.view = natural_view(call.graph(), node)});
}

std::vector<float> transposed(const std::vector<float>& m, std::int64_t rows,
                              std::int64_t columns) {
  std::vector<float> t(m.size());
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j)
      t[static_cast<std::size_t>(j * rows + i)] = m[static_cast<std::size_t>(i * columns + j)];
  return t;
}

/// The bias of `units` units, from one number or one number a unit. Throws Unmapped for any other
/// shape.
std::vector<float> bias_of(Call& call, const Constant& c, std::int64_t units, double factor) {
  if (c.size() != 1 && (c.size() != units || c.extents.back() != units))
    call.unmapped("adds a constant that is not one number a unit");
  std::vector<float> bias = c.as_floats();
  if (bias.size() == 1) bias.assign(static_cast<std::size_t>(units), bias[0]);
  for (float& b : bias) b = static_cast<float>(b * factor);
  return bias;
}

void read_gemm(Call& call) {
  const Constant& b = call.constant(1);
  const View x = call.view(0);
  if (call.integer("transA", 0) != 0) call.unmapped("turns its first input");
  if (x.axes.size() != 1 || b.extents.size() != 2)
    call.unmapped("wants a row of numbers a sample and a matrix");
  const bool turned = call.integer("transB", 0) != 0;
  const std::int64_t inputs = b.extents[turned ? 1 : 0], units = b.extents[turned ? 0 : 1];
  if (inputs != x.size() || units < 1)
    fail(call.where(), " has a matrix for ", inputs, " inputs but there are ", x.size());
  std::vector<float> weight = b.as_floats();
  if (turned) weight = transposed(weight, units, inputs);
  const double alpha = call.number("alpha", 1);
  for (float& w : weight) w = static_cast<float>(w * alpha);
  std::vector<float> bias;
  if (call.has(2)) bias = bias_of(call, call.constant(2), units, call.number("beta", 1));
  give_dense(call, x, weight, units, call.has(2) ? &bias : nullptr, call.node.output(0));
}

/// If an Add is the only node that reads `name` and its other input is a bias for `units`: returns
/// that input and skips the Add. Else null.
const Constant* following_bias(Call& call, const std::string& name, std::int64_t units,
                               std::string& output) {
  const pb::NodeProto* user = call.reader.only_user(name);
  if (!user || user->op_type() != "Add" || user->input_size() != 2 || user->output_size() != 1)
    return nullptr;
  const std::string& other = user->input(user->input(0) == name ? 1 : 0);
  const Constant* c = call.reader.known_constant(other);
  if (!c || c->extents.empty() || c->size() != units || c->extents.back() != units) return nullptr;
  call.reader.skip(*user);
  output = user->output(0);
  return c;
}

/// MatMul also takes values of more axes: x W over the last one.
void read_matmul(Call& call) {
  if (!call.is_constant(1)) {
    if (!give_attention(call)) call.unmapped("multiplies two values, and is no attention's");
    return;
  }
  const Constant& b = call.constant(1);
  const View x = call.view(0);
  if (b.extents.size() != 2 || x.axes.empty()) call.unmapped("wants a matrix as second input");
  const std::int64_t inputs = b.extents[0], units = b.extents[1];
  if (inputs != extent_of(x.axes.back()) || units < 1)
    fail(call.where(), " has a matrix for ", inputs, " inputs but there are ",
         extent_of(x.axes.back()));
  std::string output = call.node.output(0);
  std::vector<float> bias;
  const Constant* c = following_bias(call, output, units, output);
  if (c) bias = bias_of(call, *c, units, 1);
  give_dense(call, x, b.as_floats(), units, c ? &bias : nullptr, output);
}

}  // namespace

std::span<const Mapping> dense() {
  static const Mapping all[] = {
      {.onnx = "Gemm", .read = read_gemm, .op = "dense", .write = write},
      {.onnx = "MatMul", .read = read_matmul},
  };
  return all;
}

}  // namespace rectify::onnx::ops
