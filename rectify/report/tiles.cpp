#include "rectify/report/tiles.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/data/images/encode_png.h"

namespace rectify::report {

namespace {

/// Pixels that the larger side of a tile has at least.
constexpr std::size_t tile_side = 84;
constexpr std::size_t tile_gap = 4;
constexpr std::uint8_t tile_paper = 205;  ///< between tiles, which may be white

std::uint8_t level_of(double share) {
  return static_cast<std::uint8_t>(std::lround(255 * std::clamp(share, 0.0, 1.0)));
}

/// From white to orange for shares up to 1, to blue for those down to -1.
std::array<std::uint8_t, 3> diverging(double share) {
  const std::array<double, 3> end =
      share < 0 ? std::array{0.0, 0.447, 0.698} : std::array{0.835, 0.369, 0.0};
  std::array<std::uint8_t, 3> colour;
  for (std::size_t i = 0; i < 3; ++i) colour[i] = level_of(1 + std::abs(share) * (end[i] - 1));
  return colour;
}

void put(data::Image& sheet, std::size_t left, std::size_t top, const data::Image& tile) {
  for (std::size_t y = 0; y < tile.height; ++y)
    for (std::size_t x = 0; x < tile.width; ++x)
      for (std::size_t c = 0; c < 3; ++c)
        sheet.bytes[((top + y) * sheet.width + left + x) * 3 + c] =
            tile.bytes[(y * tile.width + x) * tile.channels + (tile.channels == 3 ? c : 0)];
}

}  // namespace

data::Image enlarged(const data::Image& image) {
  const std::size_t largest = std::max(image.width, image.height);
  const std::size_t times = std::max<std::size_t>(1, (tile_side + largest - 1) / largest);
  data::Image result{.width = image.width * times,
                     .height = image.height * times,
                     .channels = image.channels,
                     .bytes = {}};
  result.bytes.reserve(result.width * result.height * image.channels);
  for (std::size_t y = 0; y < result.height; ++y)
    for (std::size_t x = 0; x < result.width; ++x)
      for (std::size_t c = 0; c < image.channels; ++c)
        result.bytes.push_back(
            image.bytes[(y / times * image.width + x / times) * image.channels + c]);
  return result;
}

data::Image signed_picture(std::span<const float> numbers, const Shape& shape) {
  const auto channels = static_cast<std::size_t>(shape[2]), places = numbers.size() / channels;
  const bool colours = channels == 3;
  std::vector<double> shares(colours ? numbers.size() : places);
  for (std::size_t i = 0; i < numbers.size(); ++i) shares[colours ? i : i / channels] += numbers[i];
  double largest = 0;
  for (const double share : shares) largest = std::max(largest, std::abs(share));
  if (largest > 0)
    for (double& share : shares) share /= largest;
  data::Image image{.width = static_cast<std::size_t>(shape[1]),
                    .height = static_cast<std::size_t>(shape[0]),
                    .channels = 3,
                    .bytes = {}};
  for (const double share : shares) {
    if (colours) {
      image.bytes.push_back(level_of(0.5 + share / 2));
    } else {
      const auto colour = diverging(share);
      image.bytes.insert(image.bytes.end(), colour.begin(), colour.end());
    }
  }
  return enlarged(image);
}

std::string tile_png(std::span<const data::Image> tiles, std::size_t columns) {
  if (tiles.empty() || columns == 0) fail("there are no pictures to put together");
  std::size_t wide = 0, high = 0;
  for (const data::Image& tile : tiles) {
    wide = std::max(wide, tile.width);
    high = std::max(high, tile.height);
  }
  columns = std::min(columns, tiles.size());
  const std::size_t rows = (tiles.size() + columns - 1) / columns;
  data::Image sheet{.width = columns * (wide + tile_gap) + tile_gap,
                    .height = rows * (high + tile_gap) + tile_gap,
                    .channels = 3,
                    .bytes = {}};
  sheet.bytes.assign(sheet.width * sheet.height * 3, tile_paper);
  for (std::size_t i = 0; i < tiles.size(); ++i)
    put(sheet, tile_gap + i % columns * (wide + tile_gap),
        tile_gap + i / columns * (high + tile_gap), tiles[i]);
  return data::encode_png(sheet);
}

}  // namespace rectify::report
