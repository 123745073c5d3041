// conv and its gradients over fixed parts of the batch: by Winograd's algorithm or as products of
// rows of images where one of these is faster, else oneDNN convolutions.

#include <algorithm>
#include <memory>
#include <type_traits>
#include <vector>

#include "rectify/run/cpu/convolution/convolution.h"
#include "rectify/run/cpu/convolution/convolution_tiles.h"
#include "rectify/run/cpu/convolution/row_convolution.h"
#include "rectify/run/cpu/convolution/sparse_gradients.h"
#include "rectify/run/cpu/convolution/winograd.h"
#include "rectify/run/cpu/loops.h"
#include "rectify/run/cpu/switched_off.h"

namespace rectify::run::cpu::ops {

namespace {

/// Of a node with the attributes of a conv over such images.
ConvolutionSize size_of(const Lowering& l, const Shape& image) {
  const graph::Attributes& attributes = l.node.attributes;
  return {.window = graph::window_of(attributes, image),
          .batch = l.batch,
          .channels = image.back(),
          .units = attributes.integer("units"),
          .groups = attributes.integer("groups"),
          .element = l.graph.input(l.node, 0).type.element,
          .result = l.node.type.element};
}

/// Of a conv or its gradient in the weight, both of which have the images as first input.
ConvolutionSize size_of_images(const Lowering& l) {
  return size_of(l, l.graph.input(l.node, 0).type.shape);
}
/// Of a gradient in the images.
ConvolutionSize size_of_gradient(const Lowering& l) { return size_of(l, l.node.type.shape); }

enum class Way { onednn, winograd, rows };

bool by_winograd(const Lowering& l, const ConvolutionSize& size) {
  static const bool off = switched_off("RECTIFY_WINOGRAD");
  return l.winograd && !off && suits_winograd(size);
}

bool by_rows(const ConvolutionSize& size) {
  static const bool off = switched_off("RECTIFY_ROWS");
  return !off && suits_rows(size);
}

/// Of a convolution or its gradient in the weight.
Way way_of(const Lowering& l, const ConvolutionSize& size) {
  return by_winograd(l, size) ? Way::winograd : by_rows(size) ? Way::rows : Way::onednn;
}

/// Of a gradient in the images, which may be a convolution of gradients in results.
Way way_back(const Lowering& l) {
  const ConvolutionSize size = size_of_gradient(l);
  if (by_winograd(l, size)) return Way::winograd;
  return is_convolution_backwards(size) && by_rows(turned(size)) ? Way::rows : Way::onednn;
}

std::string_view name_of(Way way) {
  return way == Way::winograd ? "Winograd" : way == Way::rows ? "rows" : "oneDNN";
}
std::string_view implementation(const Lowering& l) { return name_of(way_of(l, size_of_images(l))); }
std::string_view implementation_back(const Lowering& l) { return name_of(way_back(l)); }

template <class Made>
Step step_with_fused(const Lowering& l, Made made) {
  return [fused = l.fused, convolution = std::make_shared<Made>(std::move(made))] {
    convolution->run(fused);
  };
}

template <class Made>
Step step_of(Made made) {
  return [gradient = std::make_shared<Made>(std::move(made))] { gradient->run(); };
}

Step forward(const Lowering& l) {
  float* const bias = l.inputs.size() > 2 ? l.input<float>(2) : nullptr;
  const ConvolutionSize size = size_of_images(l);
  const auto make = [&](auto how) {
    return step_with_fused(l, how(size, l.inputs[0], l.inputs[1], bias, l.value, l.threads));
  };
  switch (way_of(l, size)) {
    case Way::winograd:
      return make(WinogradConvolution::forward);
    case Way::rows:
      return make(RowConvolution::forward);
    case Way::onednn:
      break;
  }
  return make(Convolution::forward);
}

Step input_gradient(const Lowering& l) {
  const auto make = [&](auto how) {
    return step_with_fused(l,
                           how(size_of_gradient(l), l.inputs[0], l.inputs[1], l.value, l.threads));
  };
  const ConvolutionSize size = size_of_gradient(l);
  switch (way_back(l)) {
    case Way::winograd:
      return make(WinogradConvolution::input_gradient);
    case Way::rows:
      return sparse_input_gradient_or(make(RowConvolution::input_gradient), l, size);
    case Way::onednn:
      break;
  }
  return sparse_input_gradient_or(make(Convolution::input_gradient), l, size);
}

Step weight_gradient(const Lowering& l) {
  const ConvolutionSize size = size_of_images(l);
  const auto make = [&]<class Gradient>(std::type_identity<Gradient>) {
    return step_of(Gradient(size, l.inputs[0], l.inputs[1], l.output<float>(), l.threads));
  };
  switch (way_of(l, size)) {
    case Way::winograd:
      return make(std::type_identity<WinogradWeightGradient>());
    case Way::rows:
      return sparse_weight_gradient_or(make(std::type_identity<RowWeightGradient>()), l, size);
    case Way::onednn:
      break;
  }
  return sparse_weight_gradient_or(make(std::type_identity<ConvolutionWeightGradient>()), l, size);
}

/// Rows of all samples' places in tiles that have sums of their own, added in order, in double.
/// Where there are few channels, several rows count as one, so that vectors are full.
Step bias_gradient(const Lowering& l) {
  static constexpr std::size_t least = 128;
  const auto channels = static_cast<std::size_t>(l.node.type.shape[0]);
  const std::size_t rows = l.input_size(0) / channels;
  const std::size_t fold = channels < least ? least / channels : 1, width = fold * channels;
  const std::size_t a_tile = std::max<std::size_t>(1, tile_elements / width) * fold;  // rows
  const std::size_t tiles = (rows + a_tile - 1) / a_tile;
  return [=, &threads = l.threads, dy = l.input<float>(0), db = l.output<float>(),
          parts = std::vector<float>(tiles * (width + channels)),
          sums = std::vector<double>(channels)]() mutable {
    threads.run(tiles, [&](std::size_t tile) {
      const std::size_t first = tile * a_tile, count = std::min(a_tile, rows - first);
      const float* const from = dy + first * channels;
      float* const to = parts.data() + tile * (width + channels);
      const std::size_t folded = count / fold;
      const auto stride = static_cast<std::int64_t>(width),
                 one = static_cast<std::int64_t>(channels);
      loops().sum_rows(from, to, static_cast<std::int64_t>(folded), stride, stride);
      loops().sum_rows(from + folded * width, to + width,
                       static_cast<std::int64_t>(count - folded * fold), one, one);
    });
    std::fill(sums.begin(), sums.end(), 0.0);
    for (std::size_t first = 0; first < parts.size(); first += channels)
      for (std::size_t c = 0; c < channels; ++c) sums[c] += parts[first + c];
    for (std::size_t c = 0; c < channels; ++c) db[c] = static_cast<float>(sums[c]);
  };
}

}  // namespace

std::span<const Kernel> conv() {
  static const Kernel all[] = {
      {.op = "conv",
       .lower = forward,
       .hosts = true,
       .whole_samples = true,
       .implementation = implementation,
       .narrow = narrow_when<pass::Narrow::result>},
      {.op = "conv_input_gradient",
       .lower = input_gradient,
       .hosts = true,
       .whole_samples = true,
       .implementation = implementation_back,
       .narrow = narrow_when<pass::Narrow::result>},
      {.op = "conv_weight_gradient", .lower = weight_gradient, .implementation = implementation},
      {.op = "conv_bias_gradient", .lower = bias_gradient}};
  return all;
}

}  // namespace rectify::run::cpu::ops
