#pragma once

#include <string_view>

#include "rectify/graph/attributes.h"
#include "rectify/graph/graph.h"

namespace rectify::graph {

/// How a window moves along one axis of `in` elements, with `before` and `after` elements of
/// padding. The window has `size` taps, `dilation` apart, and moves by `stride`. Tap k at place i
/// is element i stride + k dilation - before.
struct WindowAxis {
  std::int64_t in = 0, size = 1, stride = 1, dilation = 1, before = 0, after = 0, out = 0;

  /// The length from the first tap to the last, both included.
  std::int64_t reach() const { return (size - 1) * dilation + 1; }
};

/// A window over the height and the width of an image.
struct Window {
  WindowAxis y, x;
};

/// The window that the attributes `kernel`, `stride`, `padding` and `dilation` (where it exists)
/// describe, for images of height x width x channels. Each attribute is N or HxW. A stride may also
/// be `kernel`. Padding may also be `valid` (none) or `same`, which gives ceil(in / stride) places;
/// if its sum is odd, the larger part comes after the image. Throws Error, without naming the node,
/// for invalid words and sizes.
Window window_of(const Attributes& attributes, const Shape& image);

/// The image shape of a node's value. Throws Error when it does not have three extents.
const Shape& image_of(const Graph& graph, const Node& node);

/// window_of() for a node's first input, with errors that name the node.
Window window_over(const Graph& graph, const Node& node);

/// The window of a transposed convolution over images of shape `image`, as that of the convolution
/// whose places these pixels are: `in` are the extents of the result, `out` those of `image`. The
/// attributes are `kernel`, `stride` and `dilation`; nothing is padded. Throws Error as
/// window_of().
Window transposed_window(Attributes attributes, const Shape& image);

/// The type of an image with one pixel for each place of the window. Throws Error for more than
/// 2^40 elements.
Type image_type(const Node& node, const Window& window, std::int64_t channels);

/// The shape in a node's attribute `shape`, such as 28x28x1. A gradient in an image needs it,
/// because the inputs of the gradient do not determine the shape of the image.
Shape shape_attribute(const Node& node);

/// `attributes` with an attribute `shape` added.
Attributes with_shape(Attributes attributes, const Shape& shape);

}  // namespace rectify::graph
