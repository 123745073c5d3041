#pragma once

#include <cstddef>
#include <span>

#include "rectify/base/shape.h"
#include "rectify/data/images/image.h"

namespace rectify::data {

/// Whether samples of this shape can be drawn: HxWx1 in grey, HxWx3 in colour.
bool is_picture(const Shape& shape);

/// Pictures of one shape side by side, row after row, with a gap between them. `numbers` has the
/// pictures one after the other; 0 is black and 1 white, and what is beyond is cut off. Small
/// pictures are enlarged so that one is at least 24 pixels wide. Throws Error when the shape is no
/// picture's, when there are no pictures, or too many for a PNG file.
///
///     write_file("samples.png", encode_png(picture_grid(samples, Shape{28, 28, 1}, 8)));
Image picture_grid(std::span<const float> numbers, const Shape& shape, std::size_t columns);

/// The number of columns that makes a grid of so many pictures about square.
std::size_t square_columns(std::size_t pictures);

}  // namespace rectify::data
