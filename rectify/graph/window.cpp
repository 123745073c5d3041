#include "rectify/graph/window.h"

#include <algorithm>
#include <array>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/graph/operator.h"

namespace rectify::graph {

namespace {

using Pair = std::array<std::int64_t, 2>;  // height and width

constexpr std::int64_t most = 1024;

/// Reads N or HxW.
Pair pair_of(std::string_view name, std::string_view text, std::int64_t least) {
  const std::vector<std::string> parts = split(text, 'x');
  Pair pair{};
  bool good = parts.size() == 1 || parts.size() == 2;
  for (std::size_t axis = 0; good && axis < 2; ++axis) {
    const auto value = parse_integer(parts[std::min(axis, parts.size() - 1)]);
    good = value && *value >= least && *value <= most;
    if (good) pair[axis] = *value;
  }
  if (!good)
    fail(name, " must be N or HEIGHTxWIDTH, each from ", least, " to ", most, ", not '", text, "'");
  return pair;
}

/// Sets the padding so that there are ceil(in / stride) places.
void pad_same(WindowAxis& axis) {
  const std::int64_t places = (axis.in + axis.stride - 1) / axis.stride;
  const std::int64_t all =
      std::max<std::int64_t>(0, (places - 1) * axis.stride + axis.reach() - axis.in);
  axis.before = all / 2;
  axis.after = all - all / 2;
}

void place(WindowAxis& axis, std::string_view side) {
  const std::int64_t padded = axis.before + axis.in + axis.after;
  if (axis.reach() > padded)
    fail("the window reaches over ", axis.reach(), " but the image has ", padded, " of ", side,
         axis.before + axis.after > 0 ? concat(" with ", axis.before + axis.after, " of padding")
                                      : "",
         "; take a smaller kernel or padding=same");
  axis.out = (padded - axis.reach()) / axis.stride + 1;
}

}  // namespace

Window window_of(const Attributes& attributes, const Shape& image) {
  const Pair kernel = pair_of("kernel", attributes.word("kernel"), 1);
  const Pair dilation =
      attributes.has("dilation") ? pair_of("dilation", attributes.word("dilation"), 1) : Pair{1, 1};
  const std::string &step = attributes.word("stride"), &padding = attributes.word("padding");
  const Pair stride = step == "kernel" ? kernel : pair_of("stride", step, 1);
  Window window;
  const std::array<WindowAxis*, 2> axes = {&window.y, &window.x};
  for (std::size_t i = 0; i < 2; ++i) {
    WindowAxis& axis = *axes[i];
    axis = {.in = image[i], .size = kernel[i], .stride = stride[i], .dilation = dilation[i]};
    if (padding == "same") {
      pad_same(axis);
    } else if (padding != "valid") {
      axis.before = axis.after = pair_of("padding", padding, 0)[i];
      if (axis.before >= axis.reach())
        fail("padding of ", axis.before, " is more than a window that reaches over ", axis.reach(),
             " can use; make it at most ", axis.reach() - 1);
    }
    place(axis, i == 0 ? "height" : "width");
  }
  return window;
}

const Shape& image_of(const Graph& graph, const Node& node) {
  const Node& from = graph.input(node, 0);
  if (from.type.shape.rank() != 3)
    fail(where(node), " wants images, height x width x channels, but '", from.label, "' gives ",
         from.type.shape.text(), "; write the model's input as 28x28x1, or put reshape before it");
  return from.type.shape;
}

Window window_over(const Graph& graph, const Node& node) {
  const Shape& image = image_of(graph, node);
  try {
    return window_of(node.attributes, image);
  } catch (const Error& error) {
    fail(where(node), " on ", image.text(), ": ", error.what());
  }
}

Window transposed_window(Attributes attributes, const Shape& image) {
  attributes.set("padding", std::string("valid"));
  constexpr std::int64_t large = std::int64_t{1} << 30;  // the extent plays no part in the taps
  Window window = window_of(attributes, Shape{large, large, 1});
  const std::array<WindowAxis*, 2> axes = {&window.y, &window.x};
  for (std::size_t i = 0; i < 2; ++i) {
    axes[i]->out = image[i];
    axes[i]->in = (image[i] - 1) * axes[i]->stride + axes[i]->reach();
  }
  return window;
}

Type image_type(const Node& node, const Window& window, std::int64_t channels) {
  const double elements = static_cast<double>(window.y.out) * static_cast<double>(window.x.out) *
                          static_cast<double>(channels);
  if (elements > 0x1p40)
    fail(where(node), " gives ", window.y.out, "x", window.x.out, "x", channels,
         ", which is more than 2^40 elements");
  return {.shape = Shape{window.y.out, window.x.out, channels}};
}

Shape shape_attribute(const Node& node) { return parse_shape(node.attributes.word("shape")); }

Attributes with_shape(Attributes attributes, const Shape& shape) {
  attributes.set("shape", shape.text());
  return attributes;
}

}  // namespace rectify::graph
