#include "tests/data/files.h"

// jpeglib.h needs the first two.
// clang-format off
#include <cstddef>
#include <cstdio>
#include <jpeglib.h>
// clang-format on

#include <png.h>
#include <zlib.h>

#include <cstdlib>

namespace rectify::data::testing {

std::string little(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i)
    text.push_back(i < 8 ? static_cast<char>(value >> 8 * i & 255) : 0);
  return text;
}

std::string big(std::uint64_t value, int bytes) {
  const std::string text = little(value, bytes);
  return {text.rbegin(), text.rend()};
}

std::string npy(const std::string& type, const std::string& shape, const std::string& content,
                bool column_major, int version) {
  const std::string dictionary = "{'descr': '" + type +
                                 "', 'fortran_order': " + (column_major ? "True" : "False") +
                                 ", 'shape': " + shape + ", }          \n";
  std::string file = "\x93NUMPY";
  file.push_back(static_cast<char>(version));
  file.push_back(0);
  return file + little(dictionary.size(), version == 1 ? 2 : 4) + dictionary + content;
}

namespace {

std::string deflate_raw(const std::string& content) {
  // A gzip member is a header of ten bytes, the packed data, and eight bytes more.
  const std::string packed = gzip(content);
  return packed.substr(10, packed.size() - 18);
}

}  // namespace

std::string zip(const std::vector<Member>& members) {
  std::string file, directory;
  for (const Member& member : members) {
    const std::string packed = member.deflated ? deflate_raw(member.content) : member.content;
    const auto crc = crc32(0, reinterpret_cast<const Bytef*>(member.content.data()),
                           static_cast<uInt>(member.content.size()));
    const std::string sizes = little(packed.size(), 4) + little(member.content.size(), 4);
    const std::string both = little(0, 2) + little(member.deflated ? 8 : 0, 2) + little(0, 4) +
                             little(crc, 4) + (member.zip64 ? std::string(8, '\xff') : sizes) +
                             little(member.name.size(), 2) + little(member.zip64 ? 20 : 0, 2);
    const std::string extra = member.zip64
                                  ? little(1, 2) + little(16, 2) +
                                        little(member.content.size(), 8) + little(packed.size(), 8)
                                  : "";
    directory += "PK\1\2" + little(45, 2) + little(45, 2) + both + little(0, 10) +
                 little(file.size(), 4) + member.name + extra;
    file += "PK\3\4" + little(45, 2) + both + member.name + extra + packed;
  }
  return file + directory + "PK\5\6" + little(0, 4) + little(members.size(), 2) +
         little(members.size(), 2) + little(directory.size(), 4) + little(file.size(), 4) +
         little(0, 2);
}

std::string matrix(std::uint32_t magic, const std::vector<std::uint32_t>& extents,
                   const std::string& content, bool high_first) {
  const auto word = [&](std::uint64_t value) {
    return high_first ? big(value, 4) : little(value, 4);
  };
  std::string file = word(magic) + word(extents.size());
  for (const std::uint32_t extent : extents) file += word(extent);
  for (std::size_t i = extents.size(); i < 3; ++i) file += word(1);
  return file + content;
}

std::string png(std::size_t width, std::size_t height, std::size_t channels,
                const std::string& bytes, const std::string& palette) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width);
  image.height = static_cast<png_uint_32>(height);
  constexpr png_uint_32 formats[] = {0, PNG_FORMAT_GRAY, PNG_FORMAT_GA, PNG_FORMAT_RGB,
                                     PNG_FORMAT_RGBA};
  image.format = palette.empty() ? formats[channels] : PNG_FORMAT_RGB_COLORMAP;
  image.colormap_entries = static_cast<png_uint_32>(palette.size() / 3);
  png_alloc_size_t size = 0;
  const void* map = palette.empty() ? nullptr : palette.data();
  if (!png_image_write_to_memory(&image, nullptr, &size, 0, bytes.data(), 0, map))
    throw std::runtime_error("png");
  std::string file(size, '\0');
  if (!png_image_write_to_memory(&image, file.data(), &size, 0, bytes.data(), 0, map))
    throw std::runtime_error("png");
  file.resize(size);
  return file;
}

std::string jpeg(std::size_t width, std::size_t height, std::size_t channels,
                 const std::string& bytes, bool progressive) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* out = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &out, &size);
  jpeg.image_width = static_cast<JDIMENSION>(width);
  jpeg.image_height = static_cast<JDIMENSION>(height);
  jpeg.input_components = static_cast<int>(channels);
  jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, 100, TRUE);
  if (progressive) jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < jpeg.image_height) {
    auto* row = reinterpret_cast<unsigned char*>(
        const_cast<char*>(bytes.data() + jpeg.next_scanline * width * channels));
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  std::string file(reinterpret_cast<char*>(out), size);
  std::free(out);
  return file;
}

}  // namespace rectify::data::testing
