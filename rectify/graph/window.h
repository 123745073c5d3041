#pragma once

#include <string_view>

#include "rectify/graph/attributes.h"
#include "rectify/graph/graph.h"

namespace rectify::graph {

/// How a window of `size` taps, `dilation` apart, moves by `stride` over `in` elements with
/// `before` and `after` elements of padding: tap k of the window at i is element
/// i stride + k dilation - before.
struct WindowAxis {
  std::int64_t in = 0, size = 1, stride = 1, dilation = 1, before = 0, after = 0, out = 0;

  /// From the first tap to the last, both included.
  std::int64_t reach() const { return (size - 1) * dilation + 1; }
};

/// A window over the height and the width of an image.
struct Window {
  WindowAxis y, x;
};

/// What the attributes `kernel`, `stride`, `padding` and, if there, `dilation` say about images
/// (height x width x channels). Each is N or HxW; a stride may also be `kernel`, padding `valid`
/// (none) or `same`: as much as gives ceil(in / stride) places, where odd the more of it after.
/// Throws Error, without saying where, for words and sizes that make no sense.
Window window_of(const Attributes& attributes, const Shape& image);

/// The image's shape, of a node that needs one. Throws Error when it has not three extents.
const Shape& image_of(const Graph& graph, const Node& node);

/// window_of() over a node's first input, with errors that say where.
Window window_over(const Graph& graph, const Node& node);

/// The type of images of the places of a window. Throws Error for more than 2^40 elements.
Type image_type(const Node& node, const Window& window, std::int64_t channels);

/// The shape that a node's attribute `shape` spells, such as 28x28x1: the gradient in an image
/// cannot tell it from what it reads.
Shape shape_attribute(const Node& node);

/// Attributes of a node and `shape`.
Attributes with_shape(Attributes attributes, const Shape& shape);

}  // namespace rectify::graph
