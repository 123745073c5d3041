// TensorBoard's event files: bytes that are known, and what TensorBoard's own reader makes of them
// where RECTIFY_TENSORBOARD names a Python that has it:
//   RECTIFY_TENSORBOARD=python3 build/tests/test_report --gtest_filter='EventFile*'

#include "rectify/report/event_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/report/event_record.h"
#include "tests/report/sample_training.h"
#include "tests/temporary_folder.h"

namespace rectify::report {
namespace {

namespace fs = std::filesystem;

std::string hex_of(const std::string& bytes) {
  std::string text;
  for (const char byte : bytes) {
    const auto number = static_cast<unsigned char>(byte);
    text += "0123456789abcdef"[number >> 4];
    text += "0123456789abcdef"[number & 15];
  }
  return text;
}

TEST(EventRecord, SumsAreThoseOfRfc3720) {  // its appendix B.4
  std::string rising, falling;
  for (int i = 0; i < 32; ++i) rising += static_cast<char>(i), falling += static_cast<char>(31 - i);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(crc32c(rising), 0x46dd794eu);
  EXPECT_EQ(crc32c(falling), 0x113fdb5cu);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(""), 0u);
}

TEST(EventRecord, HasTheBytesThatTensorBoardsOwnClassesWrite) {
  // Event(wall_time=1.5, ...).SerializeToString() of tensorboard 2.21 with masked_crc32c() around.
  EXPECT_EQ(hex_of(version_record(1.5)),
            "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c");
  const Scalar scalars[] = {{"loss/training", 0.25}, {"lr", -2}};
  EXPECT_EQ(hex_of(scalar_record(1.5, 300, scalars)),
            "2f000000000000006d5d1d5009000000000000f83f10ac022a210a140a0d6c6f73732f747261696e696e"
            "67150000803e0a090a026c7215000000c0b4501054");
}

TEST(EventRecord, IsFoundWholeWithItsStepAndNotWhenAByteIsWrong) {
  const Scalar scalars[] = {{"loss/training", 0.25}};
  for (const std::int64_t step : {1, 127, 128, 300, 100000}) {
    const std::string record = scalar_record(1e9, step, scalars);
    const auto found = first_record(record + "more");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->size, record.size());
    EXPECT_EQ(found->step, step);
    for (std::size_t at = 0; at < record.size(); ++at) {
      std::string wrong = record;
      wrong[at] = static_cast<char>(wrong[at] ^ 4);
      EXPECT_FALSE(first_record(wrong)) << at;
      EXPECT_FALSE(first_record(record.substr(0, at))) << at;
    }
  }
  EXPECT_EQ(first_record(version_record(1))->step, 0);
}

TEST(EventRecord, HasEveryNumberOfAnEpochThatExists) {
  TrainingEpoch epoch = sample_training(2, 1, 1).history[0];
  epoch.weights[0].update = no_value;
  epoch.validation_loss = INFINITY;
  std::map<std::string, double> found;
  for (const Scalar& scalar : scalars_of(epoch)) found[scalar.tag] = scalar.value;
  const std::map<std::string, double> expected = {
      {"loss/training", epoch.train_loss},
      {"error/training", epoch.train_error},
      {"error/validation", epoch.validation_error},
      {"learning_rate", epoch.lr},
      {"seconds_per_epoch", 0.4},
      {"gradient_norm/dense1.weight", epoch.weights[0].gradient},
      {"exact_zeros/relu1", epoch.layers[0].exact_zeros},
      {"dead_units/relu1", 0.05},
      {"saturated/relu1", 0.6}};
  EXPECT_EQ(found, expected);
}

/// The steps of a file's records, the first of which has none.
std::vector<std::int64_t> steps_in(const fs::path& file) {
  const std::string bytes = read_file(file);
  std::vector<std::int64_t> steps;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto record = first_record(std::string_view(bytes).substr(at));
    if (!record) {
      ADD_FAILURE() << "no record at byte " << at << " of " << bytes.size();
      break;
    }
    steps.push_back(record->step);
    at += record->size;
  }
  return steps;
}

class EventFileInFolder : public testing::Test {
 protected:
  /// Trains epochs `from` to `to`.
  void write(int kept, int from, int to) {
    EventFile events(folder_ / "a" / "b", kept, 1.7e9);
    for (int e = from; e <= to; ++e)
      events.add(run_.history[static_cast<std::size_t>(e - 1)], 1.7e9 + e);
  }
  fs::path file() const { return EventFile::found_in(folder_ / "a" / "b"); }
  using Steps = std::vector<std::int64_t>;

  const Training run_ = sample_training(3, 9);
  const TemporaryFolder folder_;
};

TEST_F(EventFileInFolder, HasOneRecordOfEachEpoch) {
  write(0, 1, 3);
  EXPECT_EQ(steps_in(file()), (Steps{0, 1, 2, 3}));
  EXPECT_NE(file().filename().string().find("tfevents"), std::string::npos);
}

TEST_F(EventFileInFolder, GoesOnWithoutRepeatingAnEpoch) {
  write(0, 1, 3);
  const std::string before = read_file(file());
  write(3, 1, 5);
  EXPECT_EQ(steps_in(file()), (Steps{0, 1, 2, 3, 4, 5}));
  EXPECT_TRUE(read_file(file()).starts_with(before)) << "what a reader has seen stays as it was";
}

TEST_F(EventFileInFolder, LosesTheEpochsThatAreTrainedAgain) {
  write(0, 1, 5);
  write(2, 3, 4);
  EXPECT_EQ(steps_in(file()), (Steps{0, 1, 2, 3, 4}));
}

TEST_F(EventFileInFolder, IsBroughtUpToDateWhereItLags) {
  write(0, 1, 2);
  write(4, 1, 5);
  EXPECT_EQ(steps_in(file()), (Steps{0, 1, 2, 3, 4, 5}));
}

TEST_F(EventFileInFolder, LosesTheRecordThatAKilledProcessBegan) {
  write(0, 1, 3);
  fs::resize_file(file(), fs::file_size(file()) - 7);
  write(3, 1, 3);
  EXPECT_EQ(steps_in(file()), (Steps{0, 1, 2, 3}));
  fs::resize_file(file(), 5);
  write(1, 1, 1);
  EXPECT_EQ(steps_in(file()), (Steps{0, 1}));
}

TEST_F(EventFileInFolder, OfAnEarlierRunIsReplacedAndOtherFilesAreLeft) {
  fs::create_directories(folder_ / "a" / "b");
  const fs::path earlier = folder_ / "a" / "b" / "events.out.tfevents.1600000000.rectify";
  const fs::path others = folder_ / "a" / "b" / "events.out.tfevents.1600000000.another";
  write_file(earlier, version_record(1));
  write_file(others, "theirs");
  write(0, 1, 2);
  EXPECT_FALSE(fs::exists(earlier));
  EXPECT_EQ(read_file(others), "theirs");
  EXPECT_EQ(steps_in(file()), (Steps{0, 1, 2}));
}

TEST_F(EventFileInFolder, ThatCannotBeWrittenIsSaid) {
  write_file(folder_ / "a", "a file");
  EXPECT_THROW(write(0, 1, 1), WriteError);
}

TEST_F(EventFileInFolder, SaysToTensorBoardWhatTheRunRecorded) {
  const char* python = std::getenv("RECTIFY_TENSORBOARD");
  if (!python) GTEST_SKIP() << "RECTIFY_TENSORBOARD names no Python that has tensorboard";
  write(0, 1, 6);
  write(4, 5, 9);
  write_file(folder_ / "read.py", R"py(
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0}, purge_orphaned_data=False)
events.Reload()
curves = {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}
json.dump(curves, open("curves.json", "w"))
)py");
  const std::string command = "cd '" + folder_.string() + "' && '" + python + "' read.py a/b 2>&1";
  ASSERT_EQ(std::system(command.c_str()), 0);
  const Json curves = Json::parse(read_file(folder_ / "curves.json"));
  std::size_t tags = 0;
  for (const auto& epoch : run_.history)
    for (const Scalar& scalar : scalars_of(epoch)) {
      const Json& point = curves.at(scalar.tag)[static_cast<std::size_t>(epoch.epoch - 1)];
      EXPECT_EQ(point[0].get<int>(), epoch.epoch) << scalar.tag;
      EXPECT_EQ(point[1].get<float>(), static_cast<float>(scalar.value)) << scalar.tag;
      tags += epoch.epoch == 1;
    }
  EXPECT_EQ(curves.size(), tags);
  EXPECT_EQ(curves.at("loss/training").size(), 9u);
}

}  // namespace
}  // namespace rectify::report
