// What must not hurt a run: being killed at any moment, a full disk, a read-only folder, a second
// run beside it, a terminal or a pipe that closes. scripts/survive.py does the same at length.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <map>
#include <set>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "tests/cli/program.h"
#include "tests/helpers.h"

namespace rectify::cli {
namespace {

namespace fs = std::filesystem;
constexpr const char* train =
    "train --data glyphs:train=600,test=200,difficulty=0 --hidden 48,48 --epochs 12 --batch 8 "
    "--lr 0.05 --quiet";
constexpr const char* search =
    "train --data glyphs:train=600,test=200,difficulty=0 --hidden 48 --epochs 5 --batch 8 "
    "--lr auto --quiet";
constexpr const char* pretrain =
    "pretrain --data glyphs:train=300,test=100,difficulty=0 --stack 'rbm 32 nrelu | rbm 16 "
    "method=pcd' --epochs 6 --batch 8 --quiet";
constexpr const char* compare =
    "compare --data glyphs:train=600,test=200,difficulty=0 --activations relu,tanh --hidden 24 "
    "--epochs 3 --seeds 3 --batch 16 --quiet";

/// Without what the clock says, and what it was asked on.
Json timeless(const Json& json) {
  if (json.is_array()) {
    Json list = Json::array();
    for (const Json& item : json) {
      const bool of_time = item.is_text() && contains(item.get<std::string>(), "were timed with");
      if (!of_time) list.push_back(timeless(item));
    }
    return list;
  }
  if (!json.is_object()) return json;
  const std::set<std::string> times = {"seconds", "seconds_per_epoch", "samples_per_second",
                                       "date",    "threads",           "processor"};
  Json::Object kept;
  for (const auto& [name, member] : json.members())
    if (!times.contains(name)) kept.emplace_back(name, timeless(member));
  return Json::object(std::move(kept));
}

/// All that a run left, file by file, but for the report, which holds times too.
std::map<std::string, std::string> left_in(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const fs::path& path = entry.path();
    if (!entry.is_regular_file() || path.filename() == "report.html") continue;
    std::string text = read_file(path);
    if (path.extension() == ".json") text = timeless(Json::parse(text)).dump();
    if (path.extension() == ".jsonl") {
      std::string lines;
      for (const std::string& line : split(text, '\n'))
        if (!line.empty()) lines += timeless(Json::parse(line)).dump() + "\n";
      text = lines;
    }
    files[fs::relative(path, folder).string()] = text;
  }
  return files;
}

void expect_same(const fs::path& a, const fs::path& b) {
  const auto left = left_in(a), right = left_in(b);
  for (const auto& [name, text] : left)
    EXPECT_TRUE(right.contains(name) && right.at(name) == text) << name;
  EXPECT_EQ(left.size(), right.size());
}

class Survive : public testing::Test {
 protected:
  Outcome run(const std::string& arguments, const std::string& environment = {}) {
    return run_program(folder_.path(), arguments, environment);
  }
  fs::path path(const std::string& name) const { return folder_.path() / name; }

  /// What goes on with the run in `parts`, and `asked` again while there is nothing to go on from.
  std::string next(const std::string& asked) const {
    for (const char* name : {"state.safetensors", "search.json", "compare.json"})
      if (fs::exists(path("parts") / name)) return "resume parts --quiet";
    return asked + " --out parts";
  }

  /// Goes on with the run in `parts`, or begins it, and sends the signal after so many epochs.
  int signalled(const std::string& asked, int epochs, int signal_number) const {
    return run_and_signal(
        folder_.path(), [&] { return next(asked); }, "parts", epochs, signal_number);
  }

  void expect_to_survive_kills(const std::string& asked, int kills) {
    const auto begin = std::chrono::steady_clock::now();
    ASSERT_EQ(run(asked + " --out whole").code, 0);
    std::chrono::duration<double> whole = std::chrono::steady_clock::now() - begin;
    int killed = 0;
    for (int i = 0; i < kills; ++i) {
      // Each process lives for a longer share of a run than the last: all parts of it are met.
      Process process(folder_.path(), next(asked) + (i % 2 ? " --threads 1" : " --threads 2"));
      process.wait_for(whole * (i + 1) / (2.0 * kills));
      process.send(SIGKILL);
      const int code = process.wait();
      ASSERT_TRUE(code == 0 || code == -SIGKILL) << code << read_file(path(".err"));
      killed += code == -SIGKILL;
      if (killed > 0) continue;
      // The machine was busier during the whole run than it is now: again, and sooner.
      fs::remove_all(path("parts"));
      whole /= 4;
      i = -1;
    }
    const Outcome last = run(next(asked));
    ASSERT_EQ(last.code, 0) << last.err;
    expect_same(path("whole"), path("parts"));
  }

  /// Runs it, or goes on with it, where no file may be larger than that many blocks of 512 bytes.
  void expect_full(const std::string& asked, int blocks, const std::string& says) {
    const Outcome full = run(next(asked), concat("ulimit -f ", blocks, " &&"));
    EXPECT_EQ(full.code, 1) << blocks;
    EXPECT_EQ(split(full.err, '\n').size(), 2u) << full.err;
    EXPECT_TRUE(full.err.starts_with("rectify: error: cannot write '")) << full.err;
    EXPECT_NE(full.err.find(says), std::string::npos) << full.err;
  }

  TemporaryFolder folder_;
};

TEST_F(Survive, KillsOfATraining) { expect_to_survive_kills(train, 8); }
TEST_F(Survive, KillsOfASearch) { expect_to_survive_kills(search, 5); }
TEST_F(Survive, KillsOfAPretraining) { expect_to_survive_kills(pretrain, 6); }
TEST_F(Survive, KillsOfAComparison) { expect_to_survive_kills(compare, 5); }

TEST_F(Survive, FullDisksOfATraining) {
  ASSERT_EQ(run(std::string(train) + " --out whole").code, 0);
  for (const int blocks : {2, 100})  // which hold the config
    expect_full(train, blocks, "make room, then start again with the same command");
  ASSERT_EQ(signalled(train, 2, SIGKILL), -SIGKILL);
  for (const int blocks : {1, 100, 600})  // the history, the model and the state do not fit
    expect_full(train, blocks, "make room, then go on with: rectify resume parts");
  const Outcome last = run(next(train));
  ASSERT_EQ(last.code, 0) << last.err;
  expect_same(path("whole"), path("parts"));
}

TEST_F(Survive, FullDisksOfAComparison) {
  ASSERT_EQ(run(std::string(compare) + " --out whole").code, 0);
  expect_full(compare, 2, "make room, then start again with the same command");
  expect_full(compare, 4, "make room, then go on with: rectify resume parts");
  ASSERT_EQ(run(next(compare)).code, 0);
  expect_same(path("whole"), path("parts"));
}

TEST_F(Survive, AStartThatWasKilledBeforeItSavedAnythingIsStartedAgain) {
  ASSERT_EQ(run(std::string(train) + " --out whole").code, 0);
  fs::create_directories(path("parts"));
  fs::copy_file(path("whole/config.toml"), path("parts/config.toml"));
  write_file(path("parts/state.safetensors.partial"), "half a");
  const Outcome refused = run("resume parts");
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.err.find("start it again with the same command"), std::string::npos);
  const Outcome again = run(std::string(train) + " --out parts");
  EXPECT_EQ(again.code, 0) << again.err;
  expect_same(path("whole"), path("parts"));
}

TEST_F(Survive, SomebodysConfigIsNotWrittenOver) {
  fs::create_directories(path("parts"));
  write_file(path("parts/config.toml"), "epochs = 3\n");
  EXPECT_EQ(run(std::string(train) + " --out parts").code, 1);
  EXPECT_EQ(read_file(path("parts/config.toml")), "epochs = 3\n");
}

TEST_F(Survive, SignalsThatEndItSaveAndSayHowToGoOn) {
  ASSERT_EQ(run(std::string(train) + " --out whole").code, 0);
  for (const int signal_number : {SIGHUP, SIGTERM, SIGINT})
    ASSERT_EQ(signalled(train, 1, signal_number), 130);
  ASSERT_EQ(run(next(train)).code, 0);
  expect_same(path("whole"), path("parts"));
}

TEST_F(Survive, AHangUpIsIgnoredUnderNohup) {
  Process process(folder_.path(), std::string(train) + " --out parts", "trap '' HUP;");
  process.wait_for_file("parts/state.safetensors");
  process.send(SIGHUP);
  EXPECT_EQ(process.wait(), 0);
}

TEST_F(Survive, AReaderThatHasHadEnoughDoesNotEndATraining) {
  const std::string asked = "train --data moons:train=200,test=50 --hidden 4 --lr 0.1 --out parts";
  run(asked + " 2>&1 | head -n 1");
  EXPECT_TRUE(fs::exists(path("parts/results.json"))) << "all 20 epochs are there";
}

TEST_F(Survive, ASecondRunInAFolderIsRefused) {
  const std::string asked =
      "train --data glyphs:train=600,test=200,difficulty=0 --lr 0.05 --out parts";
  Process first(folder_.path(), asked + " --epochs 100000");
  first.wait_for_file("parts/state.safetensors");
  for (const std::string& second : {std::string("resume parts"), asked, asked + " --force"}) {
    const Outcome outcome = run(second);
    EXPECT_EQ(outcome.code, 1) << second;
    EXPECT_NE(outcome.err.find("'parts' is in use by another run"), std::string::npos)
        << outcome.err;
  }
  first.send(SIGINT);
  EXPECT_EQ(first.wait(), 130);
}

TEST_F(Survive, AFolderThatCannotBeWrittenIsNamed) {
  // Nobody, not even root, makes folders in these.
  for (const char* place : {"/proc/rectify", "/sys/rectify"}) {
    const Outcome outcome = run(std::string(train) + " --out " + place);
    EXPECT_EQ(outcome.code, 1);
    EXPECT_EQ(split(outcome.err, '\n').size(), 2u) << outcome.err;
    EXPECT_NE(outcome.err.find(concat("the folder '", place, "'")), std::string::npos)
        << outcome.err;
  }
  ASSERT_EQ(run(std::string(train) + " --out parts").code, 0);
  if (::geteuid() == 0) GTEST_SKIP() << "root writes to read-only folders too";
  fs::permissions(path("parts"), fs::perms::owner_read | fs::perms::owner_exec);
  fs::permissions(path("parts/.lock"), fs::perms::owner_read);
  const Outcome outcome = run("resume parts");
  fs::permissions(path("parts"), fs::perms::owner_all);
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.err.find("cannot write to 'parts'"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace rectify::cli
