// conv: weights are units x channels x height x width in ONNX, height x width x channels x units
// here.

#include "rectify/graph/operator.h"
#include "rectify/onnx/mapping.h"
#include "rectify/onnx/window.h"

namespace rectify::onnx::ops {

namespace {

/// For each weight (unit, channel, tap): its position here and its position in ONNX.
template <class Visit>
void each_weight(std::int64_t units, std::int64_t channels, std::int64_t taps, Visit visit) {
  std::size_t there = 0;
  for (std::int64_t u = 0; u < units; ++u)
    for (std::int64_t c = 0; c < channels; ++c)
      for (std::int64_t t = 0; t < taps; ++t)
        visit(static_cast<std::size_t>((t * channels + c) * units + u), there++);
}

void read(Call& call) {
  const graph::NodeId x = call.reader.image(call.view(0), call.where());
  const Constant& w = call.constant(1);
  if (w.extents.size() != 4) call.unmapped("has weights of ", w.extents.size(), " axes, not 4");
  const Shape image = call.graph().node(x).type.shape;
  const std::int64_t units = w.extents[0], channels = w.extents[1],
                     groups = call.integer("group", 1);
  if (groups < 1 || units < 1 || channels < 1 || channels > image[2] || units % groups != 0 ||
      groups > image[2] || channels * groups != image[2])
    fail(call.where(), " has weights for ", groups, " groups of ", channels, " channels and ",
         units, " units but reads ", image[2], " channels");
  const std::vector<std::int64_t> kernel = {w.extents[2], w.extents[3]};
  if (const auto said = call.integers("kernel_shape"); !said.empty() && said != kernel)
    fail(call.where(), " has a kernel_shape that is not that of its weights");
  graph::Attributes attributes = window_attributes(call, image, kernel, "same", true);
  attributes.set("units", units);
  attributes.set("groups", groups);
  attributes.set("bias", std::string(call.has(2) ? "yes" : "no"));
  if (call.has(2) && call.constant(2).size() != units)
    fail(call.where(), " has ", call.constant(2).size(), " biases for ", units, " units");
  const std::vector<float> there = w.as_floats();
  std::vector<float> here(there.size());
  each_weight(units, channels, kernel[0] * kernel[1],
              [&](std::size_t to, std::size_t from) { here[to] = there[from]; });
  const graph::NodeId node = call.build("conv", x, attributes);
  call.set_numbers(node, "weight", std::move(here));
  if (call.has(2)) call.set_numbers(node, "bias", call.constant(2).as_floats());
  call.give(image_view(call.graph(), node));
}

void write(Writer& writer, graph::NodeId id) {
  const graph::Node& node = writer.node(id);
  const Shape& w = writer.node(node.inputs[1]).type.shape;  // height x width x channels x units
  const std::vector<float>& here = writer.numbers(node.inputs[1]);
  std::vector<float> there(here.size());
  each_weight(w[3], w[2], w[0] * w[1],
              [&](std::size_t from, std::size_t to) { there[to] = here[from]; });
  std::vector<std::string> inputs = {
      writer.input(id, 0),
      writer.constant(node.label + ".weight", {w[3], w[2], w[0], w[1]}, there)};
  if (node.inputs.size() > 2)
    inputs.push_back(writer.constant(node.label + ".bias", {w[3]}, writer.numbers(node.inputs[2])));
  pb::NodeProto& conv = writer.append_for(id, "Conv", inputs);
  set_window(conv, graph::window_over(writer.graph(), node), true);
  set_integer(conv, "group", node.attributes.integer("groups"));
}

}  // namespace

std::span<const Mapping> conv() {
  static const Mapping all[] = {{.onnx = "Conv", .read = read, .op = "conv", .write = write}};
  return all;
}

}  // namespace rectify::onnx::ops
