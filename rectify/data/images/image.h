#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rectify::data {

/// A picture: rows from the top, pixels from the left, the channels of a pixel side by side.
struct Image {
  std::size_t width = 0;
  std::size_t height = 0;
  std::size_t channels = 0;  ///< 1 grey, 3 red, green, blue
  std::vector<std::uint8_t> bytes;
};

/// A picture has no more pixels than this.
inline constexpr std::size_t max_pixels = std::size_t{1} << 26;

/// Decodes the bytes of a JPEG or PNG file, told apart by their content. Grey stays grey, palettes
/// become colours, 16 bits become 8, and what is transparent lies on white paper. Throws Error,
/// naming `name`, when it is neither, damaged, cut off, in four colours (CMYK), or larger than its
/// size or `max_pixels` can justify.
Image decode_image(std::string_view content, const std::string& name);

/// What decode_image chooses from.
Image decode_jpeg(std::string_view content, const std::string& name);
Image decode_png(std::string_view content, const std::string& name);

/// Throws Error when a header claims more pixels than `most_for_size`, or than `max_pixels`, or
/// none at all.
void check_pixels(std::size_t width, std::size_t height, std::size_t most_for_size,
                  const std::string& name);

}  // namespace rectify::data
