// PNG files, by libpng. The library reports an error by a jump (longjmp) out of its frames. So the
// code that it may jump over has no objects with destructors; buffers belong to the caller.

#include <png.h>

#include <array>
#include <csetjmp>
#include <cstring>

#include "rectify/base/error.h"
#include "rectify/data/formats/source.h"
#include "rectify/data/images/image.h"

namespace rectify::data {

namespace {

constexpr png_alloc_size_t max_chunk = 8u << 20;

/// The state of the library, which is released at the end.
struct Decoder {
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::string_view rest;
  std::array<char, 128> message{};

  Decoder() = default;
  ~Decoder() { png_destroy_read_struct(&png, &info, nullptr); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
};

void take(png_structp png, png_bytep out, png_size_t size) {
  auto& rest = static_cast<Decoder*>(png_get_io_ptr(png))->rest;
  if (size > rest.size()) png_error(png, "it is cut off");
  std::memcpy(out, rest.data(), size);
  rest.remove_prefix(size);
}

void keep_message(png_structp png, png_const_charp text) {
  auto& message = static_cast<Decoder*>(png_get_error_ptr(png))->message;
  std::strncpy(message.data(), text, message.size() - 1);
  png_longjmp(png, 1);
}

void ignore_warning(png_structp, png_const_charp) {}

bool read_header(Decoder& decoder) {
  decoder.png =
      png_create_read_struct(PNG_LIBPNG_VER_STRING, &decoder, keep_message, ignore_warning);
  if (!decoder.png) return false;
  decoder.info = png_create_info_struct(decoder.png);
  if (!decoder.info) return false;
  if (setjmp(png_jmpbuf(decoder.png))) return false;
  png_set_read_fn(decoder.png, &decoder, take);
  png_set_chunk_malloc_max(decoder.png, max_chunk);
  png_set_chunk_cache_max(decoder.png, 64);
  png_read_info(decoder.png, decoder.info);
  return true;
}

/// Makes the library deliver 8 bits for each channel: grey or colour, with or without alpha.
bool prepare(Decoder& decoder) {
  if (setjmp(png_jmpbuf(decoder.png))) return false;
  png_set_expand(decoder.png);
  png_set_scale_16(decoder.png);
  png_set_interlace_handling(decoder.png);
  png_read_update_info(decoder.png, decoder.info);
  return true;
}

bool read_rows(Decoder& decoder, png_bytepp rows) {
  if (setjmp(png_jmpbuf(decoder.png))) return false;
  png_read_image(decoder.png, rows);
  png_read_end(decoder.png, nullptr);
  return true;
}

/// Lays transparent pixels on white, and drops the alpha channel.
void drop_alpha(Image& image) {
  const std::size_t colours = image.channels - 1;
  const std::uint8_t* in = image.bytes.data();
  std::uint8_t* out = image.bytes.data();
  for (std::size_t i = 0; i < image.width * image.height; ++i, in += image.channels) {
    const unsigned alpha = in[colours];
    image.transparent = image.transparent || alpha < 255;
    for (std::size_t c = 0; c < colours; ++c)
      *out++ = static_cast<std::uint8_t>((in[c] * alpha + 255 * (255 - alpha) + 127) / 255);
  }
  image.channels = colours;
  image.bytes.resize(image.width * image.height * colours);
}

/// The most pixels that the file can have: deflate bounds its unpacked size, and a pixel takes at
/// least one bit of that.
std::size_t most_pixels(const Decoder& decoder, std::size_t file_bytes) {
  const std::size_t bits = std::size_t{png_get_bit_depth(decoder.png, decoder.info)} *
                           png_get_channels(decoder.png, decoder.info);
  return file_bytes * static_cast<std::size_t>(max_deflate_ratio) * 8 / bits;
}

}  // namespace

Image decode_png(std::string_view content, const std::string& name) {
  Decoder decoder;
  decoder.rest = content;
  const auto give_up = [&] {
    fail("'", name, "' is a damaged PNG file (",
         decoder.message[0] ? decoder.message.data() : "no memory", "); replace or remove it");
  };
  if (!read_header(decoder)) give_up();
  Image image;
  image.width = png_get_image_width(decoder.png, decoder.info);
  image.height = png_get_image_height(decoder.png, decoder.info);
  check_pixels(image.width, image.height, most_pixels(decoder, content.size()), name);
  if (!prepare(decoder)) give_up();
  image.channels = png_get_channels(decoder.png, decoder.info);
  const std::size_t row_bytes = png_get_rowbytes(decoder.png, decoder.info);
  image.bytes.resize(row_bytes * image.height);
  std::vector<png_bytep> rows(image.height);
  for (std::size_t y = 0; y < image.height; ++y) rows[y] = image.bytes.data() + y * row_bytes;
  if (!read_rows(decoder, rows.data())) give_up();
  if (image.channels % 2 == 0) drop_alpha(image);
  return image;
}

}  // namespace rectify::data
