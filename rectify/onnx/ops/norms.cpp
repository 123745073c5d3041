// Norms and softmax in the general way.
#include <cmath>

#include "rectify/onnx/general.h"
#include "rectify/onnx/mapping.h"

namespace rectify::onnx::ops {

namespace {

using Extents = std::vector<std::int64_t>;

/// The numbers of an input, one for each of `count` channels.
std::vector<float> numbers(const GeneralCall& call, int input, std::int64_t count) {
  if (call.constant(input).size() != count)
    fail(call.where(), " has ", call.constant(input).size(), " numbers as input ", input, " for ",
         count, " channels");
  return call.constant(input).as_floats();
}

/// By the mean and the variance of a constant itself, as weights are standardised.
void read_training(GeneralCall& call, const View& x) {
  if (!call.is_constant(0))
    call.unmapped("is in training mode; export the model in evaluation mode");
  std::vector<std::size_t> axes = natural_order(x.axes.size());
  axes.erase(axes.begin() + 1);
  const std::int64_t count = extent_of(x.axes[1]);
  const View centred = call.pairwise("subtract", x, call.reduce(x, "mean", axes));
  const View variance = call.reduce(call.pairwise("multiply", centred, centred), "mean", axes);
  const View root =
      call.apply(call.pairwise("add", variance, call.number("epsilon", 1e-5)), "sqrt");
  call.give(call.affine(call.pairwise("divide", centred, root), 1, numbers(call, 1, count),
                        numbers(call, 2, count)));
}

void read_batch_norm(GeneralCall& call) {
  const bool old = call.reader.operator_set() < 7;
  const bool training =
      call.integer("training_mode", 0) != 0 || (old && call.integer("is_test", 0) == 0);
  const View x = call.view(0);
  if (x.axes.size() < 2) fail(call.where(), " has no channels");
  if (training) return read_training(call, x);
  const std::int64_t count = extent_of(x.axes[1]);
  const std::vector<float> scale = numbers(call, 1, count), shift = numbers(call, 2, count),
                           mean = numbers(call, 3, count), variance = numbers(call, 4, count);
  const double epsilon = call.number("epsilon", 1e-5);
  const std::vector<std::size_t> order = memory_order(x);
  if (order.back() == 1 && epsilon >= 1e-12 && epsilon <= 1) {  // a layer, which can be folded
    graph::Attributes attributes;
    attributes.set("epsilon", epsilon);
    const graph::NodeId node = call.reader.build("batch_norm", call.reader.laid(permuted(x, order)),
                                                 attributes, call.label());
    call.reader.set_numbers(node, "scale", scale);
    call.reader.set_numbers(node, "shift", shift);
    call.reader.set_numbers(node, "mean", mean);
    call.reader.set_numbers(node, "variance", variance);
    return call.give(call.reader.view_of(node, order));
  }
  std::vector<float> a, b;
  for (std::size_t i = 0; i < scale.size(); ++i) {
    const double factor = scale[i] / std::sqrt(variance[i] + epsilon);
    a.push_back(static_cast<float>(factor));
    b.push_back(static_cast<float>(shift[i] - mean[i] * factor));
  }
  call.give(call.affine(x, 1, a, b));
}

/// Less its mean and over its deviation, along the last axis of rows x size.
View normalised(GeneralCall& call, const View& x, std::int64_t rows, double epsilon) {
  if (!(epsilon >= 1e-12 && epsilon <= 1)) call.unmapped("has an epsilon of ", epsilon);
  graph::Attributes attributes;
  attributes.set("epsilon", epsilon);
  attributes.set("affine", std::string("no"));
  const View y = call.along("layer_norm", call.reshaped(x, {rows, x.size() / rows}), 1, attributes);
  return call.reshaped(y, x.extents());
}

void read_layer_norm(GeneralCall& call) {
  if (call.gives(1)) call.unmapped("gives '", call.node.output(1), "' too, which is not read");
  const View x = call.view(0);
  const std::size_t axis = call.axis(call.integer("axis", -1), x.axes.size());
  const Extents extents = x.extents();
  std::int64_t rows = 1;
  for (std::size_t i = 0; i < axis; ++i) rows *= extents[i];
  View y = normalised(call, x, rows, call.number("epsilon", 1e-5));
  if (call.has(1)) y = call.pairwise("multiply", y, call.view(1));
  if (call.has(2)) y = call.pairwise("add", y, call.view(2));
  call.give(y);
}

/// x / sqrt(mean of x² + epsilon) over the last axes.
void read_rms_norm(GeneralCall& call) {
  const View x = call.view(0);
  std::vector<std::size_t> axes;
  for (std::size_t i = call.axis(call.integer("axis", -1), x.axes.size()); i < x.axes.size(); ++i)
    axes.push_back(i);
  const View mean = call.reduce(call.pairwise("multiply", x, x), "mean", axes);
  const View root = call.apply(call.pairwise("add", mean, call.number("epsilon", 1e-5)), "sqrt");
  View y = call.pairwise("divide", x, root);
  if (call.has(1)) y = call.pairwise("multiply", y, call.view(1));
  call.give(y);
}

void read_instance_norm(GeneralCall& call) {
  const View x = call.view(0);
  if (x.axes.size() < 3) fail(call.where(), " wants batch x channels x further axes");
  const std::int64_t count = extent_of(x.axes[1]);
  const View y = normalised(call, x, extent_of(x.axes[0]) * count, call.number("epsilon", 1e-5));
  call.give(call.affine(y, 1, numbers(call, 1, count), numbers(call, 2, count)));
}

void read_group_norm(GeneralCall& call) {
  const View x = call.view(0);
  if (x.axes.size() < 2) fail(call.where(), " has no channels");
  const std::int64_t count = extent_of(x.axes[1]), groups = call.integer("num_groups", 0);
  if (groups < 1 || count % groups != 0)
    fail(call.where(), " makes ", groups, " groups of ", count, " channels");
  const View y = normalised(call, x, extent_of(x.axes[0]) * groups, call.number("epsilon", 1e-5));
  const auto each = [&](int input) {
    if (call.constant(input).size() == count) return numbers(call, input, count);
    const std::vector<float> of_groups = numbers(call, input, groups);  // before set 21
    std::vector<float> all;
    for (std::int64_t i = 0; i < count; ++i)
      all.push_back(of_groups[static_cast<std::size_t>(i * groups / count)]);
    return all;
  };
  call.give(call.affine(y, 1, each(1), each(2)));
}

/// x / (bias + alpha times the mean of x² over neighbouring channels)^beta.
void read_local_response(GeneralCall& call) {
  const View x = call.view(0);
  if (x.axes.size() != 4 || extent_of(x.axes[0]) != 1) call.unmapped("is not of one image");
  const std::int64_t size = call.integer("size", 1), channels = extent_of(x.axes[1]);
  if (size < 1 || size > 1024) call.unmapped("is over ", size, " channels");
  const std::int64_t places = x.size() / channels;
  const View rows = permuted(x, {0, 2, 3, 1});
  View squares = call.reshaped(call.pairwise("multiply", rows, rows), {places, channels, 1});
  squares = call.padded(squares, {0, (size - 1) / 2, 0}, {0, size / 2, 0}, "constant", 0);
  graph::Attributes attributes;
  attributes.set("kernel", concat("1x", size));
  attributes.set("stride", std::string("1"));
  const graph::NodeId mean =
      call.reader.build("avg_pool", call.reader.laid(squares), attributes, {});
  View y = call.pairwise("multiply", natural_view(call.graph(), mean), call.number("alpha", 1e-4));
  y = call.pairwise("power", call.pairwise("add", y, call.number("bias", 1)),
                    call.number("beta", 0.75));
  y = permuted(call.reshaped(y, rows.extents()), {0, 3, 1, 2});
  call.give(call.pairwise("divide", x, y));
}

void read_lp_norm(GeneralCall& call) {
  const View x = call.view(0);
  const std::size_t axis = call.axis(call.integer("axis", -1), x.axes.size());
  const bool one = call.integer("p", 2) == 1;
  call.give(call.pairwise("divide", x, call.reduce(x, one ? "l1" : "l2", {axis})));
}

void read_mean_variance(GeneralCall& call) {
  const View x = call.view(0);
  Extents asked = call.integers("axes");
  if (asked.empty()) asked = {0, 2, 3};
  const std::vector<std::size_t> axes = call.axes(asked, x.axes.size());
  const View centred = call.pairwise("subtract", x, call.reduce(x, "mean", axes));
  const View square = call.reduce(call.pairwise("multiply", centred, centred), "mean", axes);
  call.give(
      call.pairwise("divide", centred, call.apply(call.pairwise("add", square, 1e-9), "sqrt")));
}

void read_softmax(GeneralCall& call) {
  const View x = call.view(0);
  if (x.axes.empty()) fail(call.where(), " wants an axis");
  const bool log = call.node.op_type() == "LogSoftmax";
  const std::string_view op = log ? "log_softmax" : "softmax";
  const bool together = call.reader.operator_set() < 13;  // all axes from one on are one
  const std::size_t axis = call.axis(call.integer("axis", together ? 1 : -1), x.axes.size());
  if (!together) return call.give(call.along(op, x, axis));
  std::int64_t rows = 1;
  for (std::size_t i = 0; i < axis; ++i) rows *= extent_of(x.axes[i]);
  const View y = call.along(op, call.reshaped(x, {rows, x.size() / rows}), 1);
  call.give(call.reshaped(y, x.extents()));
}

}  // namespace

std::span<const Mapping> norms() {
  static const Mapping all[] = {
      {.onnx = "BatchNormalization", .general = read_batch_norm},
      {.onnx = "LayerNormalization", .general = read_layer_norm},
      {.onnx = "RMSNormalization", .general = read_rms_norm},
      {.onnx = "InstanceNormalization", .general = read_instance_norm},
      {.onnx = "GroupNormalization", .general = read_group_norm},
      {.onnx = "LRN", .general = read_local_response},
      {.onnx = "LpNormalization", .general = read_lp_norm},
      {.onnx = "MeanVarianceNormalization", .general = read_mean_variance},
      {.onnx = "Softmax", .general = read_softmax},
      {.onnx = "LogSoftmax", .general = read_softmax},
  };
  return all;
}

}  // namespace rectify::onnx::ops
