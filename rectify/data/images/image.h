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
  bool transparent = false;  ///< whether some pixel was not opaque, and was laid on white
};

/// The largest number of pixels of a picture.
inline constexpr std::size_t max_pixels = std::size_t{1} << 26;

/// Decodes a JPEG or PNG file from its bytes; the content tells which it is. Grey stays grey,
/// palettes become colours, 16 bits become 8, transparent pixels are laid on white, and a JPEG file
/// with a note on its orientation (EXIF) is turned upright. Throws Error, which names `name`, when
/// the file is neither, is damaged or cut off, has four colours (CMYK), or claims more pixels than
/// its size or `max_pixels` allow.
Image decode_image(std::string_view content, const std::string& name);

/// Decodes the file at `path`. Throws Error when it cannot be read, and as decode_image() does.
Image load_image(const std::string& path);

/// The picture as a sample of height x width x channels, `image.bytes` of which are the sample's:
///
///     const Image sample = fitted(load_image("cat.jpg"), 32, 32, 3);
///
/// Colours become grey by their luma (ITU-R BT.601), grey becomes three equal channels. A picture
/// of another size is cut to the shape, at the same width on both sides, and then resized by linear
/// interpolation; when it shrinks, over all pixels that fall together, so that nothing flickers.
/// Throws Error unless `channels` is 1 or 3, and for no pixels or more than `max_pixels`.
Image fitted(Image image, std::size_t height, std::size_t width, std::size_t channels);

/// The picture turned as `orientation` says: 1 to 8, as EXIF numbers them (CIPA DC-008, tag 0x0112:
/// which side of what is seen is the first row, and which the first column). Others are taken
/// for 1.
Image upright(Image image, int orientation);

/// The orientation in the segment APP1 of a JPEG file, 1 to 8; 1 where it has none that can be
/// read.
int exif_orientation(std::string_view segment);

/// The two decoders that decode_image() chooses from.
Image decode_jpeg(std::string_view content, const std::string& name);
Image decode_png(std::string_view content, const std::string& name);

/// Throws Error when a header claims no pixels, or more than `most_for_size` or `max_pixels`.
void check_pixels(std::size_t width, std::size_t height, std::size_t most_for_size,
                  const std::string& name);

}  // namespace rectify::data
