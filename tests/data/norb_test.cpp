#include <gtest/gtest.h>

#include <filesystem>

#include "rectify/data/dataset.h"
#include "rectify/data/formats/matrix.h"
#include "tests/data/files.h"

namespace rectify::data {
namespace {

using testing::big;
using testing::error_of;
using testing::gzip;
using testing::little;
using testing::matrix;

constexpr std::uint32_t bytes_magic = 0x1E3D4C55, integers_magic = 0x1E3D4C54;

TEST(Matrix, ReadsBothTypesInBothByteOrders) {
  for (const bool high_first : {false, true}) {
    const Matrix bytes =
        parse_matrix(gzip(matrix(bytes_magic, {1, 2, 1, 3}, "abcdef", high_first)), "m");
    EXPECT_EQ(bytes.extents, (std::vector<std::int64_t>{1, 2, 1, 3}));
    EXPECT_EQ(std::string(bytes.bytes.begin(), bytes.bytes.end()), "abcdef");
    const std::string two = high_first ? big(7, 4) + big(~0u, 4) : little(7, 4) + little(~0u, 4);
    const Matrix numbers = parse_matrix(matrix(integers_magic, {2}, two, high_first), "m");
    EXPECT_EQ(numbers.extents, std::vector<std::int64_t>{2});
    EXPECT_EQ(numbers.numbers, (std::vector<std::int32_t>{7, -1}));
  }
}

struct HostileMatrix {
  const char* what;
  std::string content;
  const char* complaint;
};

TEST(Matrix, SaysWhatIsWrongWithEveryHostileFile) {
  const std::string good = matrix(bytes_magic, {2, 2}, "abcd"), packed = gzip(good);
  const HostileMatrix table[] = {
      {"empty", "", "is empty"},
      {"text", "<html>not found</html>", "magic number is wrong"},
      {"floats", matrix(0x1E3D4C51, {1}, "abcd"), "holds floats"},
      {"an unknown type", matrix(0x1E3D4C99, {1}, "abcd"), "an unknown type"},
      {"rank 0", little(bytes_magic, 4) + little(0, 4) + good, "0 dimensions"},
      {"rank 4 billion", little(bytes_magic, 4) + little(~0u, 4) + good, "dimensions"},
      {"cut in the header", good.substr(0, 14), "cut off in its header"},
      {"an extent of 0", matrix(bytes_magic, {2, 0}, ""), "none at all"},
      {"more than fits in 64 bits", matrix(bytes_magic, {~0u, ~0u, ~0u, ~0u}, "a"), "is cut off"},
      {"more than the file can hold", gzip(matrix(bytes_magic, {1u << 30}, "a")), "is cut off"},
      {"cut in the content", good.substr(0, good.size() - 1), "is cut off"},
      {"one byte beyond", good + "x", "goes on after"},
      {"gzip: cut", packed.substr(0, packed.size() - 4), "gzip data"},
  };
  for (const HostileMatrix& hostile : table) {
    const std::string error = error_of([&] { parse_matrix(hostile.content, "bad.mat"); });
    EXPECT_NE(error.find(hostile.complaint), std::string::npos) << hostile.what << ": " << error;
    EXPECT_NE(error.find("'bad.mat'"), std::string::npos) << hostile.what << ": " << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << hostile.what;
  }
}

/// Two samples of two pictures of 1x2 each; their classes are 4 and 0.
void write_small_norb(const TemporaryFolder& folder, const std::string& end = ".mat") {
  const bool packed = end == ".mat.gz";
  for (const std::string word : {"training", "testing"}) {
    const std::string pictures = matrix(bytes_magic, {2, 2, 1, 2}, "abABcdCD");
    const std::string classes = matrix(integers_magic, {2}, little(4, 4) + little(0, 4));
    const std::string stem = "smallnorb-5x1-" + word;
    folder.write(stem + "-dat" + end, packed ? gzip(pictures) : pictures);
    folder.write(stem + "-cat" + end, packed ? gzip(classes) : classes);
    folder.write(stem + "-info" + end, "not read");
  }
}

TEST(Norb, PutsThePicturesOfAPairIntoChannels) {
  ThreadPool threads(2);
  for (const char* end : {".mat", ".mat.gz"}) {
    const TemporaryFolder folder;
    write_small_norb(folder, end);
    const Dataset dataset = open("norb:" + folder.string(), threads);
    EXPECT_EQ(dataset.sample_shape, (Shape{1, 2, 2}));
    EXPECT_EQ(dataset.class_names.at(4), "car");
    EXPECT_EQ(dataset.classes(), 5u);
    EXPECT_EQ(dataset.train.labels, (std::vector<std::int32_t>{4, 0}));
    EXPECT_EQ(std::string(dataset.train.bytes.begin(), dataset.train.bytes.end()), "aAbBcCdD");
    EXPECT_EQ(dataset.test.count, 2u);
  }
}

TEST(Norb, JoinsNumberedFiles) {
  ThreadPool threads(2);
  const TemporaryFolder folder;
  for (const std::string number : {"01", "02"}) {
    folder.write("norb-training-" + number + "-dat.mat",
                 matrix(bytes_magic, {2, 2, 1, 1}, number + "xy"));
    folder.write("norb-training-" + number + "-cat.mat",
                 matrix(integers_magic, {2}, little(5, 4) + little(5, 4)));
  }
  const Dataset dataset = open("norb:" + folder.string(), threads);
  EXPECT_EQ(dataset.train.count + dataset.test.count, 4u);
  EXPECT_EQ(dataset.class_names.back(), "5");
}

TEST(Norb, SaysWhichFilesDoNotFitTogether) {
  ThreadPool threads(2);
  const std::string dat = "smallnorb-5x1-training-dat.mat", cat = "smallnorb-5x1-training-cat.mat";
  const std::string ints = little(4, 4) + little(0, 4);
  struct Wrong {
    std::string name, content;
    const char* complaint;
  };
  const Wrong table[] = {
      {cat, matrix(integers_magic, {1}, little(1, 4)), "has 2 samples but"},
      {cat, matrix(bytes_magic, {2}, "ab"), "holds no classes"},
      {cat, matrix(integers_magic, {2}, little(4, 4) + little(~0u, 4)), "has the class -1"},
      {dat, matrix(bytes_magic, {2, 4}, "abcdefgh"), "holds no pictures"},
      {dat, matrix(integers_magic, {2}, ints), "holds no pictures"},
      {"smallnorb-5x1-testing-dat.mat", matrix(bytes_magic, {2, 2, 2, 1}, "abABcdCD"),
       "has samples of 2x1x2 but others have 1x2x2"},
      {dat, "", "is empty"},
  };
  for (const Wrong& wrong : table) {
    const TemporaryFolder folder;
    write_small_norb(folder);
    folder.write(wrong.name, wrong.content);
    const std::string error = error_of([&] { open("norb:" + folder.string(), threads); });
    EXPECT_NE(error.find(wrong.complaint), std::string::npos) << error;
    EXPECT_NE(error.find(wrong.name), std::string::npos) << error;
  }
  const TemporaryFolder folder;
  EXPECT_NE(error_of([&] { open("norb:" + folder.string(), threads); }).find("holds no file"),
            std::string::npos);
  write_small_norb(folder);
  std::filesystem::remove(folder.string() + "/" + cat);
  EXPECT_NE(error_of([&] { open("norb:" + folder.string(), threads); }).find("but not '"),
            std::string::npos);
}

}  // namespace
}  // namespace rectify::data
