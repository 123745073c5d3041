// Pictures to be answered: of any size, one or a folder of them.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "rectify/data/samples.h"
#include "tests/data/files.h"

namespace rectify::data {
namespace {

/// A picture of 4x4 pixels with the same row four times. As 2x2 it is 50, 160, 50, 160 (see
/// Fitted.ShrinksOverAllPixelsThatFallTogether).
std::string ramp_picture() {
  const std::string row("\0\x46\x8c\xd2", 4);
  return testing::png(4, 4, 1, row + row + row + row);
}

const std::vector<std::uint8_t> small_ramp = {50, 160, 50, 160};

class PictureSamples : public ::testing::Test {
 protected:
  Samples read(const std::string& name, const Shape& shape) {
    return read_samples(folder_.string() + "/" + name, {.shape = shape}, threads_);
  }
  TemporaryFolder folder_;
  ThreadPool threads_{2};
};

TEST_F(PictureSamples, AreFittedToTheShapeThatTheModelTakes) {
  folder_.write("a.png", ramp_picture());
  EXPECT_EQ(read("a.png", Shape{2, 2, 1}).split.bytes, small_ramp);
  const Samples colours = read("a.png", Shape{2, 2, 3});
  EXPECT_EQ(colours.split.bytes,
            (std::vector<std::uint8_t>{50, 50, 50, 160, 160, 160, 50, 50, 50, 160, 160, 160}));
  ASSERT_EQ(colours.notes.size(), 1u);
  EXPECT_NE(colours.notes[0].find("fitted to 2x2"), std::string::npos) << colours.notes[0];
}

TEST_F(PictureSamples, OfAModelThatTakesARowOfNumbersAreSquareWhereTheyAreOfAnotherSize) {
  folder_.write("a.png", ramp_picture());
  EXPECT_EQ(read("a.png", Shape{4}).split.bytes, small_ramp);
  EXPECT_EQ(read("a.png", Shape{12}).split.bytes.size(), 12u) << "2x2 in colours";
  EXPECT_EQ(read("a.png", Shape{16}).notes.size(), 0u) << "as many as the picture has";
  EXPECT_NE(testing::error_of([&] { read("a.png", Shape{6}); }).find("4x4x1 (height x width x"),
            std::string::npos);
  folder_.write("c.png", testing::png(3, 4, 3, std::string(36, 'c')));
  EXPECT_EQ(read("c.png", Shape{12}).notes.size(), 1u) << "12 grey pixels are not these in colours";
}

TEST_F(PictureSamples, ThatCannotBeReadAreLeftOut) {
  std::filesystem::create_directories(folder_.string() + "/in");
  folder_.write("in/1.png", "GIF89a");
  EXPECT_NE(testing::error_of([&] { read("in", Shape{4}); }).find("neither a JPEG nor a PNG"),
            std::string::npos);
  folder_.write("in/2.png", ramp_picture());
  folder_.write("in/3.png", "");
  folder_.write("in/4.png", testing::png(2, 2, 1, "wxyz"));
  const Samples samples = read("in", Shape{4});
  EXPECT_EQ(samples.places, (std::vector<std::string>{"2.png", "4.png"}));
  EXPECT_EQ(samples.split.count, 2u);
  EXPECT_EQ(samples.split.bytes, (std::vector<std::uint8_t>{50, 160, 50, 160, 'w', 'x', 'y', 'z'}));
  EXPECT_NE(samples.notes[0].find("2 pictures are left out, which cannot be read: "),
            std::string::npos);
}

TEST_F(PictureSamples, OfArraysHaveTheirChannelsLast) {
  const auto array = [&](const std::string& shape) {
    folder_.write("x.npy", testing::npy("|u1", shape, std::string(24, '\1')));
    return testing::error_of([&] { read("x.npy", Shape{2, 2, 3}); });
  };
  for (const char* good : {"(2, 2, 2, 3)", "(2, 12)", "(2, 1, 2, 2, 3)"})
    EXPECT_EQ(array(good), "") << good;
  EXPECT_NE(array("(2, 3, 2, 2)").find("channels come last here: x.transpose(0, 2, 3, 1)"),
            std::string::npos);
  EXPECT_NE(array("(2, 4, 3)").find("but a sample has 2x2x3"), std::string::npos);
}

TEST_F(PictureSamples, OfAFolderComeInAlphabeticalOrder) {
  std::filesystem::create_directories(folder_.string() + "/in/b");
  folder_.write("in/b/2.png", testing::png(2, 2, 1, "wxyz"));
  folder_.write("in/a.png", ramp_picture());
  const Samples samples = read("in", Shape{2, 2, 1});
  EXPECT_EQ(samples.places, (std::vector<std::string>{"a.png", "b/2.png"}));
  EXPECT_EQ(samples.split.bytes, (std::vector<std::uint8_t>{50, 160, 50, 160, 'w', 'x', 'y', 'z'}));
}

}  // namespace
}  // namespace rectify::data
