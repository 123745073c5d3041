#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rectify::data {

/// A picture. Rows go from the top, pixels from the left; the channels of a pixel stand side by
/// side.
struct Image {
  std::size_t width = 0;
  std::size_t height = 0;
  std::size_t channels = 0;  ///< 1: grey; 3: red, green, blue
  std::vector<std::uint8_t> bytes;
};

/// The largest number of pixels of a picture.
inline constexpr std::size_t max_pixels = std::size_t{1} << 26;

/// Decodes a JPEG or PNG file from its bytes; the content tells which it is. Grey stays grey,
/// palettes become colours, 16 bits become 8, and transparent pixels are laid on white. Throws
/// Error, which names `name`, when the file is neither, is damaged or cut off, has four colours
/// (CMYK), or claims more pixels than its size or `max_pixels` allow.
Image decode_image(std::string_view content, const std::string& name);

/// The two decoders that decode_image() chooses from.
Image decode_jpeg(std::string_view content, const std::string& name);
Image decode_png(std::string_view content, const std::string& name);

/// Throws Error when a header claims no pixels, or more than `most_for_size` or `max_pixels`.
void check_pixels(std::size_t width, std::size_t height, std::size_t most_for_size,
                  const std::string& name);

}  // namespace rectify::data
