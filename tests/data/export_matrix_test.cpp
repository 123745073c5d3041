#include "rectify/data/export_matrix.h"

#include <gtest/gtest.h>

#include <bit>
#include <filesystem>

#include "rectify/base/file.h"
#include "rectify/data/formats/matrix.h"
#include "tests/data/files.h"

namespace rectify::data {
namespace {

using testing::error_of;
using testing::little;
using testing::matrix;

std::string content(const TemporaryFolder& folder, const std::string& name) {
  return read_file(folder.string() + "/" + name, 1 << 26);
}

TEST(WriteAsMatrices, GivesWhatNorbReadsBackBitForBit) {
  ThreadPool threads(2);
  const TemporaryFolder folder;
  for (const std::string spec :
       {"toys:variant=plain,train=50,test=40", "toys:variant=cluttered,train=31,test=30,size=48",
        "toys:variant=plain,train=20,test=15,cameras=1"})
    for (const bool packed : {true, false, true}) {
      const Dataset made = open(spec, threads);
      write_as_matrices(made, sample_info(spec), folder.string(), packed);
      const Dataset read = open("norb:" + folder.string(), threads);
      EXPECT_EQ(fingerprint(read), fingerprint(made)) << spec;
      EXPECT_EQ(read.sample_shape, made.sample_shape);
      EXPECT_EQ(read.class_names, made.class_names);
    }
}

/// Two samples of two pictures of 1x2 each, as rectify has them: the channels of a pixel together.
Dataset two_pairs() {
  Dataset made;
  made.spec = "pairs";
  made.sample_shape = Shape{1, 2, 2};
  made.class_names = {"a", "b", "c", "d", "e"};
  for (Split* split : {&made.train, &made.test}) {
    split->count = 2;
    split->bytes = {'a', 'A', 'b', 'B', 'c', 'C', 'd', 'D'};
    split->labels = {4, 0};
  }
  return made;
}

TEST(WriteAsMatrices, WritesTheFilesOfTheFormat) {
  const TemporaryFolder folder;
  SampleInfo info;
  info.names = {"instance", "light"};
  info.train = {7, -1, 3, 0};
  info.test = {1, 2, 3, 4};
  write_as_matrices(two_pairs(), info, folder.string(), false);
  EXPECT_EQ(content(folder, "rectify-training-dat.mat"),
            matrix(0x1E3D4C55, {2, 2, 1, 2}, "abABcdCD"));
  EXPECT_EQ(content(folder, "rectify-testing-cat.mat"),
            little(0x1E3D4C54, 4) + little(1, 4) + little(2, 4) + little(1, 4) + little(1, 4) +
                little(4, 4) + little(0, 4));
  EXPECT_EQ(content(folder, "rectify-training-info.mat"),
            little(0x1E3D4C54, 4) + little(2, 4) + little(2, 4) + little(2, 4) + little(1, 4) +
                little(7, 4) + little(~0u, 4) + little(3, 4) + little(0, 4));
  info.whole = false;
  write_as_matrices(two_pairs(), info, folder.string(), false);
  EXPECT_EQ(content(folder, "rectify-testing-info.mat").substr(20, 8),
            little(std::bit_cast<std::uint32_t>(1.0f), 4) +
                little(std::bit_cast<std::uint32_t>(2.0f), 4));
  EXPECT_EQ(content(folder, "rectify-testing-info.mat").substr(0, 4), little(0x1E3D4C51, 4));
  // Nothing is known any more, so the old file would be wrong.
  write_as_matrices(two_pairs(), {}, folder.string(), false);
  EXPECT_FALSE(std::filesystem::exists(folder.string() + "/rectify-testing-info.mat"));
}

TEST(WriteAsMatrices, KeepsHowToysWereTaken) {
  ThreadPool threads(1);
  const std::string spec = "toys:variant=plain,train=10,test=15";
  const TemporaryFolder folder;
  const SampleInfo info = sample_info(spec);
  write_as_matrices(open(spec, threads), info, folder.string(), false);
  const Matrix read = parse_matrix(content(folder, "rectify-testing-info.mat"), "info");
  EXPECT_EQ(read.extents, (std::vector<std::int64_t>{15, 4}));
  EXPECT_TRUE(std::equal(info.test.begin(), info.test.end(), read.numbers.begin()));
}

TEST(WriteAsMatrices, RefusesWhatTheFormatCannotHold) {
  ThreadPool threads(1);
  const TemporaryFolder folder;
  const auto refusal = [&](const Dataset& set) {
    return error_of([&] { write_as_matrices(set, {}, folder.string(), false); });
  };
  EXPECT_NE(refusal(open("moons:train=10,test=10", threads)).find("are 2 floats"),
            std::string::npos);
  Dataset many = two_pairs();
  many.class_names.resize(257);
  EXPECT_NE(refusal(many).find("257 classes"), std::string::npos);
  folder.write("smallnorb-5x1-training-dat.mat", "");
  EXPECT_NE(refusal(two_pairs()).find("of another set"), std::string::npos);
  const std::string file = folder.write("file", "");
  EXPECT_NE(error_of([&] {
              write_as_matrices(two_pairs(), {}, file, false);
            }).find("cannot make the folder"),
            std::string::npos);
}

}  // namespace
}  // namespace rectify::data
