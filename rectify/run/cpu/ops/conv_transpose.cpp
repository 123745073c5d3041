#include <memory>

#include "rectify/run/cpu/convolution/convolution.h"
#include "rectify/run/cpu/samples.h"

namespace rectify::run::cpu::ops {

namespace {

Step forward(const Lowering& l) {
  const Shape& x = l.graph.input(l.node, 0).type.shape;
  const ConvolutionSize size{.window = graph::transposed_window(l.node.attributes, x),
                             .batch = static_cast<std::int64_t>(samples_of(l)),
                             .channels = l.node.attributes.integer("units"),
                             .units = x.back(),
                             .groups = l.node.attributes.integer("groups")};
  return [made = std::make_shared<Convolution>(Convolution::input_gradient(
              size, l.inputs[0], l.inputs[1], l.value, l.threads))] { made->run({}); };
}

}  // namespace

std::span<const Kernel> conv_transpose() {
  static const Kernel all[] = {{.op = "conv_transpose", .lower = forward}};
  return all;
}

}  // namespace rectify::run::cpu::ops
