#include "rectify/data/images/image.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>

#include "tests/data/files.h"

namespace rectify::data {
namespace {

using testing::error_of;
using testing::jpeg;
using testing::png;

std::string text_of(const Image& image) { return {image.bytes.begin(), image.bytes.end()}; }

std::string ramp(std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(3 * i + i / 7));
  return bytes;
}

TEST(Png, KeepsGreyAndColoursByteForByte) {
  for (const std::size_t channels : {1u, 3u}) {
    const std::string bytes = ramp(5 * 4 * channels);
    const Image image = decode_image(png(5, 4, channels, bytes), "p");
    EXPECT_EQ(image.width, 5u);
    EXPECT_EQ(image.height, 4u);
    EXPECT_EQ(image.channels, channels);
    EXPECT_EQ(text_of(image), bytes);
  }
}

TEST(Png, LaysWhatIsTransparentOnWhitePaper) {
  // Opaque, transparent, and in between: v a + 255 (1 - a).
  EXPECT_EQ(text_of(decode_image(png(3, 1, 2, {10, '\xff', 10, 0, 10, '\x33'}), "p")),
            (std::string{10, '\xff', '\xce'}));
  const Image colour = decode_image(png(1, 1, 4, {1, 2, 3, 0}), "p");
  EXPECT_EQ(colour.channels, 3u);
  EXPECT_EQ(text_of(colour), "\xff\xff\xff");
}

TEST(Png, TurnsAPaletteIntoColours) {
  const Image image = decode_image(png(4, 1, 1, {0, 1, 2, 1}, "abcdefghi"), "p");
  EXPECT_EQ(image.channels, 3u);
  EXPECT_EQ(text_of(image), "abcdefghidef");
}

TEST(Jpeg, KeepsGreyAndColoursNearly) {
  for (const std::size_t channels : {1u, 3u})
    for (const bool progressive : {false, true}) {
      const std::string bytes(16 * 16 * channels, '\x64');
      const Image image = decode_image(jpeg(16, 16, channels, bytes, progressive), "p");
      EXPECT_EQ(image.channels, channels);
      ASSERT_EQ(image.bytes.size(), bytes.size());
      for (const std::uint8_t v : image.bytes) EXPECT_NEAR(v, 100, 2);
    }
}

struct Hostile {
  const char* what;
  std::string content;
  const char* complaint;
};

/// A picture whose header claims another size: its place in the file is the same for all.
std::string with_png_size(std::uint32_t width, std::uint32_t height) {
  std::string file = png(4, 4, 1, ramp(16));
  file.replace(16, 8, testing::big(width, 4) + testing::big(height, 4));
  const auto crc = crc32(0, reinterpret_cast<const Bytef*>(file.data() + 12), 17);
  return file.replace(29, 4, testing::big(crc, 4));
}

std::string with_jpeg_size(std::uint32_t width, std::uint32_t height) {
  std::string file = jpeg(16, 16, 1, ramp(256));
  const std::size_t frame = file.find("\xff\xc0");
  return file.replace(frame + 5, 4, testing::big(height, 2) + testing::big(width, 2));
}

std::vector<Hostile> hostile_files() {
  const std::string p = png(9, 9, 3, ramp(243)), j = jpeg(16, 16, 3, ramp(768));
  std::string flipped = p;
  flipped[p.size() / 2] ^= 1;
  return {
      {"empty", "", "is empty"},
      {"text", "<html>not found</html>", "neither a JPEG nor a PNG"},
      {"another format", "GIF89a........", "neither a JPEG nor a PNG"},
      {"png: only the magic", p.substr(0, 8), "damaged PNG"},
      {"png: cut in the header", p.substr(0, 20), "damaged PNG"},
      {"png: cut in the pixels", p.substr(0, p.size() / 2), "damaged PNG"},
      {"png: without its end", p.substr(0, p.size() - 12), "damaged PNG"},
      {"png: a flipped bit", flipped, "damaged PNG"},
      {"png: no pixels", with_png_size(0, 4), "damaged PNG"},
      {"png: more pixels than are read", with_png_size(1 << 20, 1 << 20), ""},
      {"png: more pixels than the file can hold", with_png_size(8192, 8192), "its size can hold"},
      {"png: more rows than there are", with_png_size(4, 9), "damaged PNG"},
      {"jpeg: only the magic", j.substr(0, 2), "damaged JPEG"},
      {"jpeg: cut in the header", j.substr(0, 100), "damaged JPEG"},
      {"jpeg: cut in the pixels", j.substr(0, j.size() - 100), "damaged JPEG"},
      {"jpeg: no pixels", with_jpeg_size(0, 4), "damaged JPEG"},
      {"jpeg: more than are read", with_jpeg_size(65000, 65000), "that are read"},
      {"jpeg: more than the file can hold", with_jpeg_size(8000, 8000), "its size can hold"},
      {"jpeg: four colours", jpeg(16, 16, 4, ramp(1024)), "CMYK"},
  };
}

TEST(Image, SaysWhatIsWrongWithEveryHostileFile) {
  for (const Hostile& hostile : hostile_files()) {
    const std::string error = error_of([&] { decode_image(hostile.content, "bad"); });
    EXPECT_NE(error.find("'bad'"), std::string::npos) << hostile.what << ": " << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << hostile.what;
    if (std::string(hostile.complaint).empty()) continue;
    EXPECT_NE(error.find(hostile.complaint), std::string::npos) << hostile.what << ": " << error;
  }
}

TEST(Image, SurvivesAnyFlippedBits) {
  std::mt19937 random(1);
  for (const std::string& good :
       {png(20, 20, 3, ramp(1200)), jpeg(20, 20, 3, ramp(1200)), jpeg(20, 20, 3, ramp(1200), true)})
    for (int round = 0; round < 500; ++round) {
      std::string damaged = good;
      for (int flips = 0; flips < 3; ++flips)
        damaged[random() % damaged.size()] ^= static_cast<char>(1 << random() % 8);
      error_of([&] {
        const Image image = decode_image(damaged, "damaged");
        EXPECT_EQ(image.bytes.size(), image.width * image.height * image.channels);
      });
    }
}

}  // namespace
}  // namespace rectify::data
