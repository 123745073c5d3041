#include "rectify/data/images/image.h"

#include "rectify/base/error.h"
#include "rectify/base/file.h"

namespace rectify::data {

Image decode_image(std::string_view content, const std::string& name) {
  if (content.empty()) fail("'", name, "' is empty; a JPEG or PNG file is needed");
  if (content.starts_with("\xff\xd8")) return decode_jpeg(content, name);
  if (content.starts_with("\x89PNG")) return decode_png(content, name);
  fail("'", name, "' is neither a JPEG nor a PNG file, whatever its name says");
}

Image load_image(const std::string& path) {
  constexpr std::size_t max_image_file = std::size_t{1} << 30;
  return decode_image(read_file(path, max_image_file), path);
}

void check_pixels(std::size_t width, std::size_t height, std::size_t most_for_size,
                  const std::string& name) {
  if (width == 0 || height == 0) fail("'", name, "' declares a picture without pixels");
  if (height > max_pixels / width)
    fail("'", name, "' declares ", width, "x", height, " pixels, more than the ", max_pixels,
         " that are read");
  if (width * height > most_for_size)
    fail("'", name, "' declares ", width, "x", height,
         " pixels, more than a file of its size can hold; it is damaged");
}

}  // namespace rectify::data
