#include "rectify/data/images/contact_sheet.h"

#include <png.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "rectify/base/error.h"

namespace rectify::data {

namespace {

constexpr std::size_t gap = 2;
constexpr std::uint8_t paper = 96;
constexpr std::size_t widest_sheet = 65535;

struct Picture {
  std::size_t width = 0, height = 0, channels = 0;
  std::vector<std::uint8_t> bytes;
};

Picture lay_out(const Dataset& dataset, std::size_t per_class) {
  const auto h = static_cast<std::size_t>(dataset.sample_shape[0]);
  const auto w = static_cast<std::size_t>(dataset.sample_shape[1]);
  const auto c = static_cast<std::size_t>(dataset.sample_shape[2]);
  Picture sheet;
  sheet.width = per_class * (w + gap) + gap;
  sheet.height = dataset.classes() * (h + gap) + gap;
  sheet.channels = c;
  if (sheet.width > widest_sheet || sheet.height > widest_sheet)
    fail("a contact sheet of ", sheet.width, "x", sheet.height, " pixels is too large (at most ",
         widest_sheet, " each way); show fewer samples a class");
  sheet.bytes.assign(sheet.width * sheet.height * c, paper);
  std::vector<std::size_t> shown(dataset.classes(), 0);
  for (std::size_t i = 0; i < dataset.train.count; ++i) {
    const auto label = static_cast<std::size_t>(dataset.train.labels[i]);
    if (shown[label] == per_class) continue;
    const std::size_t left = gap + shown[label]++ * (w + gap), top = gap + label * (h + gap);
    for (std::size_t y = 0; y < h; ++y)
      std::copy_n(dataset.train.bytes.data() + (i * h + y) * w * c, w * c,
                  sheet.bytes.data() + ((top + y) * sheet.width + left) * c);
  }
  return sheet;
}

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
bool encode(png_structp png, png_infop info, const Picture& picture, png_bytepp rows) {
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

std::string to_png(Picture& picture) {
  std::vector<png_bytep> rows(picture.height);
  for (std::size_t y = 0; y < picture.height; ++y)
    rows[y] = picture.bytes.data() + y * picture.width * picture.channels;
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
  if (!done) fail("cannot write the contact sheet: ", message[0] ? message.data() : "no memory");
  return out;
}

}  // namespace

std::string contact_sheet_png(const Dataset& dataset, int per_class) {
  const Shape& shape = dataset.sample_shape;
  if (dataset.train.bytes.empty() || shape.rank() != 3 || (shape[2] != 1 && shape[2] != 3))
    fail("a contact sheet shows images of bytes, HxWx1 or HxWx3; '", dataset.spec,
         "' has samples of ", shape.text(), dataset.train.bytes.empty() ? " floats" : " bytes");
  if (dataset.train.labels.empty() || dataset.class_names.empty())
    fail("a contact sheet has one row a class; '", dataset.spec, "' has no classes");
  if (per_class < 1) fail("a contact sheet needs at least 1 sample a class, not ", per_class);
  Picture sheet = lay_out(dataset, static_cast<std::size_t>(per_class));
  return to_png(sheet);
}

}  // namespace rectify::data
