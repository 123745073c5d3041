#include "rectify/data/images/encode_png.h"

#include <png.h>

#include <array>
#include <csetjmp>
#include <cstring>
#include <vector>

#include "rectify/base/error.h"

namespace rectify::data {

namespace {

void append(png_structp png, png_bytep data, png_size_t size) {
  // An exception must not pass through libpng's C frames. Writing into reserved memory cannot
  // throw; if the memory is too small, libpng gets an error of its own kind.
  auto* out = static_cast<std::string*>(png_get_io_ptr(png));
  if (out->capacity() - out->size() < size) png_error(png, "out of reserved memory");
  out->append(reinterpret_cast<const char*>(data), size);
}

void flush(png_structp) {}

void keep_message(png_structp png, png_const_charp text) {
  auto* message = static_cast<std::array<char, 128>*>(png_get_error_ptr(png));
  std::strncpy(message->data(), text, message->size() - 1);
  png_longjmp(png, 1);
}

void ignore_warning(png_structp, png_const_charp) {}

/// The part that libpng may leave by longjmp. It has no objects with destructors, and the objects
/// that it changes after setjmp belong to the caller.
bool encode(png_structp png, png_infop info, const Image& picture, png_bytepp rows) {
  if (setjmp(png_jmpbuf(png))) return false;
  png_set_IHDR(png, info, static_cast<png_uint_32>(picture.width),
               static_cast<png_uint_32>(picture.height), 8,
               picture.channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  png_write_image(png, rows);
  png_write_end(png, nullptr);
  return true;
}

}  // namespace

std::string encode_png(const Image& picture) {
  std::vector<png_bytep> rows(picture.height);
  for (std::size_t y = 0; y < picture.height; ++y)
    // libpng's interface is older than its promise not to write here.
    rows[y] = const_cast<png_bytep>(picture.bytes.data() + y * picture.width * picture.channels);
  std::string out;
  // Deflate makes data larger by at most a few bytes for each of its blocks.
  out.reserve(picture.bytes.size() + picture.bytes.size() / 64 + picture.height + 65536);
  std::array<char, 128> message{};
  png_structp png =
      png_create_write_struct(PNG_LIBPNG_VER_STRING, &message, keep_message, ignore_warning);
  png_infop info = png ? png_create_info_struct(png) : nullptr;
  bool done = false;
  if (info) {
    png_set_write_fn(png, &out, append, flush);
    done = encode(png, info, picture, rows.data());
  }
  png_destroy_write_struct(&png, &info);
  if (!done) fail("cannot write a PNG: ", message[0] ? message.data() : "no memory");
  return out;
}

}  // namespace rectify::data
