#include "rectify/run/cpu/convolution/primitives.h"

#include "rectify/base/error.h"

namespace rectify::run::cpu {

using dnnl::memory;

namespace {

memory::desc images(std::int64_t n, std::int64_t channels, std::int64_t height, std::int64_t width,
                    Element element) {
  return {{n, channels, height, width}, data_type(element), memory::format_tag::nhwc};
}

/// The weight as it is stored, or in any order.
memory::desc weight(const ConvolutionSize& s, Element element, bool any) {
  const std::int64_t h = s.window.y.size, w = s.window.x.size, in = s.channels / s.groups,
                     out = s.units / s.groups, row = in * s.units;
  memory::dims extents = {out, in, h, w}, strides = {1, s.units, w * row, row};
  if (s.groups > 1) {
    extents.insert(extents.begin(), s.groups);
    strides.insert(strides.begin(), out);
  }
  if (any) return {extents, data_type(element), memory::format_tag::any};
  return {extents, data_type(element), strides};
}

}  // namespace

memory::data_type data_type(Element element) {
  return element == Element::bfloat16 ? memory::data_type::bf16 : memory::data_type::f32;
}

memory::desc stored_weight(const ConvolutionSize& s, Element element) {
  return weight(s, element, false);
}

ConvolutionValues convolution_values(const ConvolutionSize& s, std::int64_t n, Element image,
                                     Element weights, Element result, bool bias) {
  const graph::WindowAxis &y = s.window.y, &x = s.window.x;
  ConvolutionValues v{.image = images(n, s.channels, y.in, x.in, image),
                      .weight = weight(s, weights, true),
                      .bias = {},
                      .result = images(n, s.units, y.out, x.out, result),
                      .strides = {y.stride, x.stride},
                      .dilations = {y.dilation - 1, x.dilation - 1},
                      .before = {y.before, x.before},
                      .after = {y.after, x.after}};
  if (bias) v.bias = {{s.units}, memory::data_type::f32, memory::format_tag::x};
  return v;
}

ConvolutionPrimitive forward_of(const ConvolutionSize& s, std::int64_t n, bool bias) {
  const auto d =
      convolution_descriptor(convolution_values(s, n, s.element, s.element, s.result, bias));
  return {dnnl::convolution_forward(d), d.weights_desc(), d.scratchpad_desc()};
}

ConvolutionPrimitive input_gradient_of(const ConvolutionSize& s, std::int64_t n) {
  const ConvolutionValues v = convolution_values(s, n, s.result, s.element, s.element, false);
  const auto hint =
      convolution_descriptor(convolution_values(s, n, s.element, s.element, s.element, false));
  const auto d = convolution_input_gradient_descriptor(v, hint);
  return {dnnl::convolution_backward_data(d), d.weights_desc(), d.scratchpad_desc()};
}

ConvolutionPrimitive weight_gradient_of(const ConvolutionSize& s, std::int64_t n) {
  const ConvolutionValues v =
      convolution_values(s, n, s.element, Element::float32, s.element, false);
  const auto hint =
      convolution_descriptor(convolution_values(s, n, s.element, s.element, s.element, false));
  const auto d = convolution_weight_gradient_descriptor(v, hint);
  return {dnnl::convolution_backward_weights(d), d.diff_weights_desc(), d.scratchpad_desc()};
}

void cannot_convolve(const ConvolutionSize& s, const dnnl::error& error) {
  fail("oneDNN cannot make a convolution of ", s.window.y.in, "x", s.window.x.in, "x", s.channels,
       " into ", s.units, " units: ", error.what());
}

}  // namespace rectify::run::cpu
