#include "rectify/data/formats/cifar.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/data/files.h"

namespace rectify::data {
namespace {

namespace fs = std::filesystem;
using testing::error_of;
using testing::gzip;

/// A record: all pixels alike in each of the three planes.
std::string record(char label, char red, char green, char blue) {
  return std::string(1, label) + std::string(1024, red) + std::string(1024, green) +
         std::string(1024, blue);
}

TEST(Cifar10, TurnsPlanesIntoPixels) {
  ThreadPool threads(1);
  for (const bool packed : {false, true}) {
    const TemporaryFolder folder;
    const auto put = [&](const std::string& name, const std::string& content) {
      folder.write(name + (packed ? ".gz" : ""), packed ? gzip(content) : content);
    };
    for (const char* batch : {"1", "2", "3", "4", "5"})
      put("data_batch_" + std::string(batch) + ".bin", record(*batch - '0', 'r', 'g', *batch));
    put("test_batch.bin", record(9, 'x', 'y', 'z') + record(0, 'x', 'y', 'z'));
    const Dataset dataset = open("cifar10:" + folder.string(), threads);
    EXPECT_EQ(dataset.sample_shape, (Shape{32, 32, 3}));
    EXPECT_EQ(dataset.train.labels, (std::vector<std::int32_t>{1, 2, 3, 4, 5}));
    EXPECT_EQ(std::string(dataset.train.bytes.begin() + 3072, dataset.train.bytes.begin() + 3078),
              "rg2rg2");
    EXPECT_EQ(dataset.test.labels, (std::vector<std::int32_t>{9, 0}));
    EXPECT_EQ(dataset.class_names[9], "truck");
    EXPECT_TRUE(dataset.notes.empty());
  }
}

TEST(Cifar10, IsFoundBelowItsFolderAndReadsTheNamesOfItsClasses) {
  ThreadPool threads(1);
  const TemporaryFolder folder;
  fs::create_directory(folder.string() + "/cifar-10-batches-bin");
  folder.write("cifar-10-batches-bin/data_batch_1.bin",
               record(0, 1, 2, 3) + record(0, 1, 2, 3) + record(0, 1, 2, 3));
  folder.write("cifar-10-batches-bin/batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n");
  const Dataset dataset = open("cifar10:" + folder.string(), threads);
  EXPECT_EQ(dataset.class_names.front(), "a");
  EXPECT_EQ(dataset.notes.size(), 5u);  // four batches that are not there, and the test split
}

TEST(Cifar10, SaysWhatIsWrong) {
  ThreadPool threads(1);
  struct Wrong {
    const char* what;
    std::string name, content;
    const char* complaint;
  };
  const std::string good = record(1, 2, 3, 4);
  const Wrong table[] = {
      {"empty", "data_batch_1.bin", "", "is empty"},
      {"cut off", "data_batch_1.bin", good.substr(0, 3000), "no whole number of records"},
      {"one byte beyond", "data_batch_1.bin", good + "x", "no whole number of records"},
      {"a label of 10", "data_batch_1.bin", good + record(10, 2, 3, 4),
       "record 1 has the label 10"},
      {"gzip cut off", "data_batch_1.bin.gz", gzip(good).substr(0, 20), "gzip data"},
      {"gzip of nothing", "data_batch_1.bin.gz", gzip(""), "is empty"},
      {"an archive", "cifar-10-binary.tar.gz", "x", "unpack it first"},
      {"Python's version", "data_batch_1", "x", "binary version"},
      {"nothing", "readme.txt", "x", "holds neither"},
  };
  for (const Wrong& wrong : table) {
    const TemporaryFolder folder;
    folder.write(wrong.name, wrong.content);
    const std::string error = error_of([&] { open("cifar10:" + folder.string(), threads); });
    EXPECT_NE(error.find(wrong.complaint), std::string::npos) << wrong.what << ": " << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << wrong.what;
  }
  const TemporaryFolder folder;
  fs::create_directory(folder.string() + "/data_batch_1.bin");
  EXPECT_NE(error_of([&] { open("cifar10:" + folder.string(), threads); }).find("is a directory"),
            std::string::npos);
}

/// A record of CIFAR-100 (Krizhevsky 2009): the coarse label before the fine one.
std::string record100(char coarse, char fine, char blue) {
  return coarse + record(fine, 'r', 'g', blue);
}

TEST(Cifar100, HasItsFineClassesUnlessTheCoarseOnesAreAskedFor) {
  ThreadPool threads(1);
  for (const bool packed : {false, true}) {
    const TemporaryFolder folder;
    const auto put = [&](const std::string& name, const std::string& content) {
      folder.write(name + (packed ? ".gz" : ""), packed ? gzip(content) : content);
    };
    put("train.bin", record100(19, 99, 'a') + record100(0, 1, 'b'));
    put("test.bin", record100(5, 50, 'c'));
    std::string names;
    for (int i = 0; i < 20; ++i) names += "group" + std::to_string(i) + "\r\n";
    folder.write("coarse_label_names.txt", names);
    for (const char* end : {"", ":fine"}) {
      const Dataset fine = open("cifar100:" + folder.string() + end, threads);
      EXPECT_EQ(fine.sample_shape, (Shape{32, 32, 3}));
      EXPECT_EQ(fine.train.labels, (std::vector<std::int32_t>{99, 1}));
      EXPECT_EQ(fine.test.labels, (std::vector<std::int32_t>{50}));
      EXPECT_EQ(std::string(fine.train.bytes.begin() + 3069, fine.train.bytes.begin() + 3075),
                "rgargb");
      EXPECT_EQ(fine.class_names.size(), 100u);
      EXPECT_EQ(fine.class_names[99], "99");
    }
    const Dataset coarse = open("cifar100:" + folder.string() + ":coarse", threads);
    EXPECT_EQ(coarse.train.labels, (std::vector<std::int32_t>{19, 0}));
    EXPECT_EQ(coarse.class_names.size(), 20u);
    EXPECT_EQ(coarse.class_names[19], "group19");
  }
}

TEST(Cifar100, IsFoundBelowItsFolder) {
  ThreadPool threads(1);
  const TemporaryFolder folder;
  fs::create_directory(folder.string() + "/cifar-100-binary");
  folder.write("cifar-100-binary/train.bin",
               record100(0, 1, 2) + record100(0, 1, 2) + record100(0, 1, 2));
  const Dataset dataset = open("cifar100:" + folder.string(), threads);
  EXPECT_EQ(dataset.train.count + dataset.test.count, 3u);
  EXPECT_EQ(dataset.notes.size(), 1u);  // the test split, which is held out
}

TEST(Cifar100, SaysWhatIsWrong) {
  ThreadPool threads(1);
  const std::string good = record100(1, 2, 3);
  const std::vector<std::vector<std::string>> table = {
      {"train.bin", "", "is empty"},
      {"train.bin", good.substr(0, 3073), "no whole number of records of 3074"},
      {"train.bin", good + record100(19, 100, 3),
       "record 1 has the label 100; CIFAR-100 has 0 to 99"},
      {"train.bin.gz", gzip(good).substr(0, 20), "gzip data"},
      {"cifar-100-binary.tar.gz", "x", "unpack it first"},
      {"train", "x", "binary version"},
      {"readme.txt", "x", "does not hold train.bin"},
  };
  for (const auto& row : table) {
    const TemporaryFolder folder;
    folder.write(row[0], row[1]);
    const std::string error = error_of([&] { open("cifar100:" + folder.string(), threads); });
    EXPECT_NE(error.find(row[2]), std::string::npos) << row[2] << ": " << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << row[2];
  }
  const TemporaryFolder folder;
  folder.write("train.bin", good + record100(20, 2, 3));
  EXPECT_NE(error_of([&] {
              open("cifar100:" + folder.string() + ":coarse", threads);
            }).find("CIFAR-100 has 0 to 19"),
            std::string::npos);
  EXPECT_NE(error_of([&] { open("cifar100::coarse", threads); }).find("name the folder"),
            std::string::npos);
}

}  // namespace
}  // namespace rectify::data
