#include "rectify/onnx/window.h"

#include <algorithm>
#include <array>

#include "rectify/base/error.h"

namespace rectify::onnx {

namespace {

constexpr std::int64_t most = 1024;  // as graph/window.cpp takes

std::string pair_text(std::int64_t y, std::int64_t x) {
  return y == x ? std::to_string(y) : concat(y, "x", x);
}

/// A list of two numbers; both are the default if the attribute is missing.
std::array<std::int64_t, 2> two(const Call& call, std::string_view name, std::int64_t otherwise,
                                std::int64_t least) {
  const std::vector<std::int64_t> given = call.integers(name);
  if (given.empty()) return {otherwise, otherwise};
  if (given.size() != 2) call.unmapped("has ", given.size(), " ", name, "; images have 2");
  for (const std::int64_t v : given)
    if (v < least || v > most)
      call.unmapped("has ", name, " of ", v, "; ", least, " to ", most, " are mapped");
  return {given[0], given[1]};
}

/// The padding before an axis and the number of places along it, as ONNX counts them.
void place(const Call& call, graph::WindowAxis& axis, std::size_t i,
           const std::vector<std::int64_t>& pads) {
  const std::string how = call.word("auto_pad", "NOTSET");
  std::int64_t after = 0;
  if (how == "SAME_UPPER" || how == "SAME_LOWER") {
    axis.out = (axis.in + axis.stride - 1) / axis.stride;
    const std::int64_t all =
        std::max<std::int64_t>(0, (axis.out - 1) * axis.stride + axis.reach() - axis.in);
    axis.before = how == "SAME_UPPER" ? all / 2 : all - all / 2;
    return;
  }
  if (how != "NOTSET" && how != "VALID") call.unmapped("has auto_pad '", how, "'");
  if (how == "NOTSET" && !pads.empty()) {
    axis.before = pads[i];
    after = pads[i + 2];
  }
  const std::int64_t rest = axis.in + axis.before + after - axis.reach();
  if (rest < 0) fail(call.where(), " has a window larger than its image");
  const bool up = call.integer("ceil_mode", 0) != 0;
  axis.out = (rest + (up ? axis.stride - 1 : 0)) / axis.stride + 1;
  if (up && (axis.out - 1) * axis.stride >= axis.in + axis.before) --axis.out;
}

bool same(const graph::WindowAxis& a, const graph::WindowAxis& b) {
  return a.before == b.before && a.out == b.out;
}

}  // namespace

graph::Attributes window_attributes(const Call& call, const Shape& image,
                                    std::vector<std::int64_t> kernel, std::string_view preferred,
                                    bool dilates) {
  if (kernel.size() != 2) call.unmapped("has a window of ", kernel.size(), " axes; images have 2");
  for (const std::int64_t v : kernel)
    if (v < 1 || v > most) call.unmapped("has a kernel of ", v, "; 1 to ", most, " are mapped");
  const auto stride = two(call, "strides", 1, 1), dilation = two(call, "dilations", 1, 1);
  if (!dilates && dilation != std::array<std::int64_t, 2>{1, 1})
    call.unmapped("has dilations, which pools do not have here");
  const std::vector<std::int64_t> pads = call.integers("pads");
  if (!pads.empty() && pads.size() != 4) call.unmapped("has ", pads.size(), " pads; images have 4");
  for (const std::int64_t v : pads)
    if (v < 0 || v > most) call.unmapped("has pads of ", v);
  graph::Window want;
  want.y = {.in = image[0], .size = kernel[0], .stride = stride[0], .dilation = dilation[0]};
  want.x = {.in = image[1], .size = kernel[1], .stride = stride[1], .dilation = dilation[1]};
  place(call, want.y, 0, pads);
  place(call, want.x, 1, pads);

  graph::Attributes attributes;
  // Written as people usually type it: conv 16 3x3, max_pool 2.
  attributes.set("kernel",
                 dilates ? concat(kernel[0], "x", kernel[1]) : pair_text(kernel[0], kernel[1]));
  attributes.set("stride", pair_text(stride[0], stride[1]));
  if (dilates) attributes.set("dilation", pair_text(dilation[0], dilation[1]));
  for (const std::string& padding :
       {std::string(preferred), std::string("same"), std::string("valid"),
        pair_text(want.y.before, want.x.before)}) {
    attributes.set("padding", padding);
    try {
      const graph::Window got = graph::window_of(attributes, image);
      if (!same(got.y, want.y) || !same(got.x, want.x)) continue;
    } catch (const Error&) {
      continue;
    }
    // The default of the text form.
    if (!dilates && stride[0] == kernel[0] && stride[1] == kernel[1])
      attributes.set("stride", std::string("kernel"));
    return attributes;
  }
  call.unmapped("pads ", want.y.before, " above and ", want.x.before, " to the left for ",
                want.y.out, "x", want.x.out, " places, which no padding here does");
}

void set_window(pb::NodeProto& node, const graph::Window& window, bool dilates) {
  const auto& [y, x] = window;
  set_integers(node, "kernel_shape", {y.size, x.size});
  set_integers(node, "strides", {y.stride, x.stride});
  if (dilates) set_integers(node, "dilations", {y.dilation, x.dilation});
  set_integers(node, "pads", {y.before, x.before, y.after, x.after});
}

}  // namespace rectify::onnx
