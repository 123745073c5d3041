#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "rectify/base/shape.h"
#include "rectify/data/images/image.h"

namespace rectify::report {

/// Numbers of both signs as a picture, each drawn as a square of pixels. With 3 channels: as
/// colours around grey. Otherwise the mean over the channels, blue below 0, white at 0, orange
/// above. The largest number by size has the full colour. `shape`: height x width x channels.
data::Image signed_picture(std::span<const float> numbers, const Shape& shape);

/// A picture of the same size as signed_picture() makes for its width and height.
data::Image enlarged(const data::Image& image);

/// Pictures beside each other, `columns` in a row, as the bytes of a PNG file. Throws Error where
/// there are none.
std::string tile_png(std::span<const data::Image> tiles, std::size_t columns);

}  // namespace rectify::report
