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
  EXPECT_NE(testing::error_of([&] { read("a.png", Shape{6}); }).find("4x4 pixels, but the model"),
            std::string::npos);
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
