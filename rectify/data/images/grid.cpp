#include "rectify/data/images/grid.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"

namespace rectify::data {

namespace {

constexpr std::size_t gap_of_grid = 2;
constexpr std::uint8_t paper_of_grid = 96;
constexpr std::size_t widest_grid = 65535;
constexpr std::size_t least_width = 24;

std::uint8_t byte_of(float number) {
  return static_cast<std::uint8_t>(std::lround(std::clamp(number, 0.0f, 1.0f) * 255));
}

}  // namespace

bool is_picture(const Shape& shape) {
  return shape.rank() == 3 && shape[0] > 1 && shape[1] > 1 && (shape[2] == 1 || shape[2] == 3);
}

std::size_t square_columns(std::size_t pictures) {
  return static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(pictures))));
}

Image picture_grid(std::span<const float> numbers, const Shape& shape, std::size_t columns) {
  if (!is_picture(shape)) fail("samples of ", shape.text(), " are no pictures");
  const auto h = static_cast<std::size_t>(shape[0]), w = static_cast<std::size_t>(shape[1]);
  const auto c = static_cast<std::size_t>(shape[2]);
  const std::size_t count = numbers.size() / (h * w * c);
  if (count == 0 || columns == 0) fail("there are no pictures to draw");
  const std::size_t zoom = (least_width + w - 1) / w, rows = (count + columns - 1) / columns;
  Image grid;
  grid.width = columns * (w * zoom + gap_of_grid) + gap_of_grid;
  grid.height = rows * (h * zoom + gap_of_grid) + gap_of_grid;
  grid.channels = c;
  if (grid.width > widest_grid || grid.height > widest_grid ||
      grid.width * grid.height > max_pixels)
    fail("a sheet of ", count, " pictures would be ", grid.width, "x", grid.height,
         " pixels, which is too large; draw fewer");
  grid.bytes.assign(grid.width * grid.height * c, paper_of_grid);
  for (std::size_t n = 0; n < count; ++n) {
    const std::size_t left = gap_of_grid + n % columns * (w * zoom + gap_of_grid);
    const std::size_t top = gap_of_grid + n / columns * (h * zoom + gap_of_grid);
    for (std::size_t y = 0; y < h * zoom; ++y)
      for (std::size_t x = 0; x < w * zoom; ++x)
        for (std::size_t k = 0; k < c; ++k)
          grid.bytes[((top + y) * grid.width + left + x) * c + k] =
              byte_of(numbers[n * h * w * c + (y / zoom * w + x / zoom) * c + k]);
  }
  return grid;
}

}  // namespace rectify::data
