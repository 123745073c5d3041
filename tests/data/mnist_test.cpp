#include <gtest/gtest.h>

#include <filesystem>

#include "rectify/data/dataset.h"
#include "rectify/data/summary.h"
#include "tests/data/idx_files.h"

namespace rectify::data {
namespace {

using testing::error_of;
using testing::gzip;
using testing::idx;

/// A whole set of 2x3 images, in one of the spellings.
void write_small_set(const TemporaryFolder& folder, const std::string& joint = "-",
                     bool packed = false) {
  const auto put = [&](const std::string& stem, const std::string& rank, const std::string& file) {
    folder.write(stem + joint + "idx" + rank + "-ubyte" + (packed ? ".gz" : ""),
                 packed ? gzip(file) : file);
  };
  put("train-images", "3", idx({3, 2, 3}, "abcdefghijklmnopqr"));
  put("train-labels", "1", idx({3}, {0, 2, 1}));
  put("t10k-images", "3", idx({2, 2, 3}, "ABCDEFGHIJKL"));
  put("t10k-labels", "1", idx({2}, {4, 0}));
}

TEST(Mnist, ReadsEverySpellingOfTheNames) {
  ThreadPool threads(2);
  for (const char* joint : {"-", "."})
    for (const bool packed : {false, true}) {
      const TemporaryFolder folder;
      write_small_set(folder, joint, packed);
      const Dataset dataset = open("mnist:" + folder.string(), threads);
      EXPECT_EQ(dataset.spec, "mnist:" + folder.string());
      EXPECT_EQ(dataset.sample_shape, (Shape{2, 3, 1}));
      EXPECT_EQ(dataset.class_names, (std::vector<std::string>{"0", "1", "2", "3", "4"}));
      EXPECT_EQ(dataset.train.count, 3u);
      EXPECT_EQ(dataset.train.bytes[17], 'r');
      EXPECT_EQ(dataset.train.labels, (std::vector<std::int32_t>{0, 2, 1}));
      EXPECT_EQ(dataset.test.count, 2u);
      EXPECT_EQ(dataset.test.labels, (std::vector<std::int32_t>{4, 0}));
    }
}

TEST(Mnist, ReadsColourImagesAndPlainVectors) {
  ThreadPool threads(1);
  const TemporaryFolder colour;
  write_small_set(colour);
  colour.write("train-images-idx3-ubyte", idx({3, 1, 2, 3}, "abcdefghijklmnopqr"));
  colour.write("t10k-images-idx3-ubyte", idx({2, 1, 2, 3}, "ABCDEFGHIJKL"));
  EXPECT_EQ(open("mnist:" + colour.string(), threads).sample_shape, (Shape{1, 2, 3}));
  const TemporaryFolder vectors;
  write_small_set(vectors);
  for (const char* stem : {"train", "t10k"})
    std::filesystem::remove(vectors.string() + "/" + stem + "-images-idx3-ubyte");
  vectors.write("train-images-idx2-ubyte", idx({3, 6}, "abcdefghijklmnopqr"));
  vectors.write("t10k-images-idx2-ubyte", idx({2, 6}, "ABCDEFGHIJKL"));
  EXPECT_EQ(open("mnist:" + vectors.string(), threads).sample_shape, (Shape{6}));
}

struct Wrong {
  const char* what;
  const char* name;
  std::string content;
  const char* complaint;
};

TEST(Mnist, SaysWhichFilesDoNotFitTogether) {
  ThreadPool threads(2);
  const std::vector<Wrong> table = {
      {"labels missing one", "train-labels-idx1-ubyte", idx({2}, "ab"), "has 3 images but"},
      {"images for labels", "train-labels-idx1-ubyte", idx({3, 1, 1}, "abc"),
       "labels have 1, the count"},
      {"labels for images", "t10k-images-idx3-ubyte", idx({2}, "ab"), "images have 2 to 4"},
      {"another size", "t10k-images-idx3-ubyte", idx({2, 3, 2}, "ABCDEFGHIJKL"),
       "has images of 2x3x1 but"},
      {"a broken file", "t10k-labels-idx1-ubyte", "rubbish", "is not an IDX file"},
  };
  for (const Wrong& wrong : table) {
    const TemporaryFolder folder;
    write_small_set(folder);
    folder.write(wrong.name, wrong.content);
    const std::string error = error_of([&] { open("mnist:" + folder.string(), threads); });
    EXPECT_NE(error.find(wrong.complaint), std::string::npos) << wrong.what << ": " << error;
    EXPECT_NE(error.find(wrong.name), std::string::npos) << wrong.what << ": " << error;
  }
}

TEST(Mnist, SaysWhatIsMissing) {
  ThreadPool threads(1);
  const TemporaryFolder folder;
  write_small_set(folder);
  const std::string gone = folder.string() + "/t10k-labels-idx1-ubyte";
  std::filesystem::remove(gone);
  EXPECT_EQ(error_of([&] { open("mnist:" + folder.string(), threads); }),
            "cannot open '" + gone +
                "': No such file or directory (nor 't10k-labels.idx1-ubyte', with or without .gz)");
  std::filesystem::create_directory(gone);
  EXPECT_EQ(error_of([&] { open("mnist:" + folder.string(), threads); }),
            "'" + gone + "' is a directory, a file is needed");
  EXPECT_EQ(error_of([&] { open("mnist:" + folder.string() + "/nowhere", threads); }),
            "cannot open '" + folder.string() + "/nowhere': No such file or directory");
  const std::string file = folder.write("file", "x");
  EXPECT_NE(error_of([&] { open("mnist:" + file, threads); }).find("is not a directory"),
            std::string::npos);
  EXPECT_NE(error_of([&] { open("mnist", threads); }).find("as in mnist:DIR"), std::string::npos);
}

TEST(Mnist, WithoutTestFilesHoldsOutAFifthOfEveryClassAndSaysSo) {
  ThreadPool threads(2);
  const TemporaryFolder folder;
  std::string images, labels;
  for (char i = 0; i < 40; ++i) {
    images += std::string(6, i);
    labels.push_back(static_cast<char>(i % 4));
  }
  folder.write("train-images-idx3-ubyte", idx({40, 2, 3}, images));
  folder.write("train-labels-idx1-ubyte", idx({40}, labels));
  const Dataset dataset = open("mnist:" + folder.string(), threads);
  EXPECT_EQ(summarise(dataset).test.per_class, (std::vector<std::size_t>{2, 2, 2, 2}));
  EXPECT_EQ(summarise(dataset).train.per_class, (std::vector<std::size_t>{8, 8, 8, 8}));
  std::vector<int> seen(40, 0);
  for (const Split* split : {&dataset.train, &dataset.test})
    for (std::size_t i = 0; i < split->count; ++i) {
      ++seen[split->bytes[6 * i]];
      EXPECT_EQ(split->bytes[6 * i + 5], split->bytes[6 * i]);
      EXPECT_EQ(split->labels[i], split->bytes[6 * i] % 4);
    }
  EXPECT_EQ(seen, std::vector<int>(40, 1));
  ASSERT_EQ(dataset.notes.size(), 1u);
  EXPECT_NE(dataset.notes[0].find("8 of 40 samples are held out for testing, 20 % of every class"),
            std::string::npos);
  EXPECT_EQ(fingerprint(dataset), fingerprint(open("mnist:" + folder.string(), threads)));
}

void write_emnist(const TemporaryFolder& folder, const std::string& set) {
  for (const std::string part : {"train", "test"}) {
    folder.write(set + "-" + part + "-images-idx3-ubyte.gz", gzip(idx({2, 2, 2}, "abcdABCD")));
    folder.write(set + "-" + part + "-labels-idx1-ubyte.gz", gzip(idx({2}, {1, 2})));
  }
}

TEST(Mnist, ReadsEmnistUprightWithTheNamesOfItsClasses) {
  ThreadPool threads(2);
  const TemporaryFolder folder;
  write_emnist(folder, "emnist-letters");
  folder.write("emnist-letters-mapping.txt", "1 65 97\n2 66 98\n");
  const Dataset dataset = open("mnist:" + folder.string(), threads);
  EXPECT_EQ(dataset.class_names, (std::vector<std::string>{"0", "Aa", "Bb"}));
  EXPECT_EQ(std::string(dataset.train.bytes.begin(), dataset.train.bytes.end()), "acbdACBD");
  ASSERT_EQ(dataset.notes.size(), 1u);
  EXPECT_NE(dataset.notes[0].find("upright"), std::string::npos);
  write_emnist(folder, "emnist-digits");
  EXPECT_NE(error_of([&] { open("mnist:" + folder.string(), threads); })
                .find("several sets (emnist-digits, emnist-letters); name one, as in mnist:" +
                      folder.string() + "/emnist-digits"),
            std::string::npos);
  EXPECT_EQ(open("mnist:" + folder.string() + "/emnist-digits", threads).class_names[2], "2");
}

TEST(Mnist, TakesTheNamesOfItsClassesFromAFile) {
  ThreadPool threads(2);
  const TemporaryFolder folder;
  write_small_set(folder);
  folder.write("classes.txt", "shirt\nshoe\nbag\nhat\ncoat\n");
  EXPECT_EQ(open("mnist:" + folder.string(), threads).class_names[4], "coat");
  folder.write("classes.txt", "shirt\nshoe\n");
  EXPECT_NE(error_of([&] { open("mnist:" + folder.string(), threads); }).find("names 2 classes"),
            std::string::npos);
}

TEST(Mnist, TheRealFilesAreReadByteForByte) {
  const std::string folder = std::string(RECTIFY_SHARED_DATA) + "/mnist";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no MNIST in " << folder;
  ThreadPool threads(2);
  const Dataset dataset = open("mnist:" + folder, threads);
  EXPECT_EQ(dataset.train.count, 60000u);
  EXPECT_EQ(dataset.test.count, 10000u);
  EXPECT_EQ(dataset.sample_shape, (Shape{28, 28, 1}));
  EXPECT_EQ(dataset.classes(), 10u);
  // Pinned from files whose MD5 sums are the well-known ones.
  EXPECT_EQ(fingerprint(dataset), 0x1649f24090ccc6d9u);
  const Summary summary = summarise(dataset);
  EXPECT_EQ(summary.train.per_class,
            (std::vector<std::size_t>{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}));
  EXPECT_NEAR(summary.train.mean / 255, 0.1307, 5e-5);  // as every tutorial has it
  EXPECT_NEAR(summary.train.deviation / 255, 0.3081, 5e-5);
}

}  // namespace
}  // namespace rectify::data
