#include "rectify/data/export.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/data/files.h"

namespace rectify::data {
namespace {

using testing::error_of;

TEST(WriteAsIdx, GivesWhatIsReadBackIdentically) {
  ThreadPool threads(2);
  const TemporaryFolder folder;
  const std::string place = folder.string() + "/a/b";
  for (const std::string spec :
       {"glyphs:train=100,test=20", "glyphs:classes=alnum,train=62,test=70",
        "glyphs:train=10,test=10,complexity=1"})
    for (const bool packed : {true, false, true}) {
      const Dataset made = open(spec, threads);
      write_as_idx(made, place, packed);
      const Dataset read = open("mnist:" + place, threads);
      EXPECT_EQ(fingerprint(read), fingerprint(made)) << spec;
      EXPECT_EQ(read.class_names, made.class_names);
      EXPECT_EQ(read.sample_shape, made.sample_shape);
    }
}

TEST(WriteAsIdx, KeepsColoursVectorsAndClassesWithoutSamples) {
  ThreadPool threads(1);
  for (const Shape& shape : {Shape{2, 1, 3}, Shape{6}, Shape{1, 3, 2}}) {
    const TemporaryFolder folder;
    Dataset made;
    made.sample_shape = shape;
    made.class_names = {"0", "1", "2", "3"};
    made.train.count = made.test.count = 2;
    made.train.bytes.assign(12, 7);
    made.test.bytes.assign(12, 9);
    made.train.labels = {0, 2};
    made.test.labels = {1, 0};
    write_as_idx(made, folder.string(), false);
    EXPECT_EQ(fingerprint(open("mnist:" + folder.string(), threads)), fingerprint(made));
  }
}

TEST(WriteAsIdx, TakesThePlaceOfPicturesOfAnotherShape) {
  ThreadPool threads(1);
  const TemporaryFolder folder;
  for (const std::string spec : {"glyphs:train=20,test=10", "toys:variant=plain,train=20,test=10",
                                 "glyphs:train=10,test=20"}) {
    const Dataset made = open(spec, threads);
    write_as_idx(made, folder.string(), false);
    EXPECT_EQ(fingerprint(open("mnist:" + folder.string(), threads)), fingerprint(made)) << spec;
  }
}

TEST(WriteAsIdx, RefusesWhatTheFormatCannotHold) {
  ThreadPool threads(1);
  const TemporaryFolder folder;
  const Dataset moons = open("moons:train=10,test=10", threads);
  EXPECT_NE(error_of([&] { write_as_idx(moons, folder.string(), false); }).find("are floats"),
            std::string::npos);
  Dataset many = open("glyphs:train=10,test=10", threads);
  many.class_names.resize(257);
  EXPECT_NE(error_of([&] { write_as_idx(many, folder.string(), false); }).find("257 classes"),
            std::string::npos);
  many.class_names.resize(10);
  const std::string file = folder.write("file", "");
  EXPECT_NE(error_of([&] { write_as_idx(many, file, false); }).find("cannot make the folder"),
            std::string::npos);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.string()), {}), 1);
}

}  // namespace
}  // namespace rectify::data
