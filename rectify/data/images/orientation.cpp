// Which way up a picture is: what a camera notes in EXIF, and turning by it.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "rectify/data/images/image.h"

namespace rectify::data {

namespace {

/// Whole numbers of a TIFF structure, of either byte order; nothing past its end.
struct Tiff {
  std::string_view bytes;
  bool high_first = false;

  std::optional<std::uint32_t> number(std::size_t at, std::size_t size) const {
    if (at > bytes.size() || size > bytes.size() - at) return {};
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t from = high_first ? at + i : at + size - 1 - i;
      value = value << 8 | static_cast<std::uint8_t>(bytes[from]);
    }
    return value;
  }
};

}  // namespace

// Tiff 6.0, section 2: after byte order, 42 and the place of the first directory come its entries
// of 12 bytes: tag, type, count, and the value where it is short.
int exif_orientation(std::string_view segment) {
  constexpr std::string_view exif("Exif\0\0", 6);
  constexpr std::uint32_t orientation = 0x0112, two_bytes = 3;
  if (!segment.starts_with(exif)) return 1;
  Tiff tiff{segment.substr(exif.size())};
  if (tiff.bytes.starts_with("MM"))
    tiff.high_first = true;
  else if (!tiff.bytes.starts_with("II"))
    return 1;
  const auto directory = tiff.number(4, 4);
  if (tiff.number(2, 2) != 42u || !directory) return 1;
  const std::uint32_t entries = tiff.number(*directory, 2).value_or(0);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t at = std::size_t{*directory} + 2 + 12 * i;
    const auto tag = tiff.number(at, 2);
    if (!tag) break;
    if (*tag != orientation || tiff.number(at + 2, 2) != two_bytes) continue;
    const std::uint32_t value = tiff.number(at + 8, 2).value_or(1);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

Image upright(Image image, int orientation) {
  if (orientation < 2 || orientation > 8) return image;
  const bool turned = orientation >= 5;  // by a quarter: rows become columns
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_below =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Image out = image;
  if (turned) std::swap(out.width, out.height);
  std::uint8_t* to = out.bytes.data();
  for (std::size_t y = 0; y < out.height; ++y)
    for (std::size_t x = 0; x < out.width; ++x) {
      std::size_t column = turned ? y : x, row = turned ? x : y;
      if (from_right) column = image.width - 1 - column;
      if (from_below) row = image.height - 1 - row;
      to = std::copy_n(image.bytes.data() + (row * image.width + column) * image.channels,
                       image.channels, to);
    }
  return out;
}

}  // namespace rectify::data
