// What --tensorboard writes, and how resume goes on with it.

#include <gtest/gtest.h>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "rectify/base/file.h"
#include "rectify/report/event_file.h"
#include "rectify/report/event_record.h"
#include "tests/cli/program.h"

namespace rectify::cli {
namespace {

class TensorBoard : public testing::Test {
 protected:
  Outcome run(const std::string& arguments) { return run_program(folder_.path(), arguments); }

  /// The steps in the event file of a folder.
  std::vector<std::int64_t> steps(const std::string& name) {
    std::string bytes = read_file(report::EventFile::found_in(folder_ / name));
    std::vector<std::int64_t> found;
    while (const auto record = report::first_record(bytes)) {
      if (record->step > 0) found.push_back(record->step);
      bytes.erase(0, record->size);
    }
    EXPECT_TRUE(bytes.empty());
    return found;
  }
  static std::vector<std::int64_t> up_to(std::int64_t last) {
    std::vector<std::int64_t> steps;
    for (std::int64_t step = 1; step <= last; ++step) steps.push_back(step);
    return steps;
  }

  const std::string tiny_ = "train --data glyphs:train=600,test=200,difficulty=0 --hidden 16 ";
  const TemporaryFolder folder_;
};

TEST_F(TensorBoard, GetsAPointForEachEpochAndGoesOnWhereTheRunDoes) {
  ASSERT_EQ(run(tiny_ + "--epochs 3 --out r --tensorboard logs/r --quiet").code, 0);
  EXPECT_EQ(steps("logs/r"), up_to(3));
  ASSERT_EQ(run("resume r --epochs 5 --quiet").code, 0);
  EXPECT_EQ(steps("logs/r"), up_to(5)) << "without --tensorboard: the run's folder remembers it";
  ASSERT_EQ(run("resume r --epochs 6 --tensorboard logs/s --quiet").code, 0);
  EXPECT_EQ(steps("logs/r"), up_to(5));
  EXPECT_EQ(steps("logs/s"), up_to(6));
  const std::string config = read_file(folder_ / "r/config.toml");
  EXPECT_EQ(config.find("tensorboard"), std::string::npos) << "a repeated run is another curve";
}

TEST_F(TensorBoard, HasNoEpochTwiceAfterAnInterrupt) {
  const std::string asked = tiny_ + "--epochs 30 --batch 8 --out i --tensorboard i-logs --quiet";
  Process process(folder_.path(), asked);
  process.wait_for_file("i/history.jsonl", 3);
  process.send(SIGKILL);
  process.wait();
  ASSERT_EQ(run("resume i --quiet").code, 0);
  EXPECT_EQ(steps("i-logs"), up_to(30));
}

TEST_F(TensorBoard, HoldsOneRunInAFolder) {
  ASSERT_EQ(run(tiny_ + "--epochs 2 --out a --tensorboard logs --quiet").code, 0);
  const Outcome refused = run(tiny_ + "--epochs 1 --out b --tensorboard logs --quiet");
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.err.find("has the curves of a run already"), std::string::npos) << refused.err;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "b")) << "told before anything is made";
  ASSERT_EQ(run(tiny_ + "--epochs 1 --out b --quiet").code, 0);
  const Outcome moved = run("resume b --epochs 2 --tensorboard logs");
  EXPECT_EQ(moved.code, 1);
  EXPECT_NE(moved.err.find("has the curves of a run already"), std::string::npos) << moved.err;
  EXPECT_EQ(steps("logs"), up_to(2));
  ASSERT_EQ(run(tiny_ + "--epochs 1 --out a --tensorboard logs --force --quiet").code, 0);
  EXPECT_EQ(steps("logs"), up_to(1));
}

TEST_F(TensorBoard, IsRefusedWhereItsFolderCannotBe) {
  write_file(folder_ / "file", "");
  const Outcome refused = run(tiny_ + "--epochs 1 --out r --tensorboard file");
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.err.find("'file' is a file; --tensorboard needs a folder"), std::string::npos)
      << refused.err;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "r"));
}

}  // namespace
}  // namespace rectify::cli
