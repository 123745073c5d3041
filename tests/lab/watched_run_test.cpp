// What a run's folder says while another process works on it, before and after.

#include "rectify/lab/watched_run.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/train/checkpoint/events.h"
#include "rectify/train/checkpoint/run_folder.h"
#include "rectify/train/trainer.h"
#include "tests/helpers.h"
#include "tests/temporary_folder.h"
#include "tests/toy_data.h"

namespace rectify::lab {
namespace {

using report::TrainingEnd, report::WatchStage;

class WatchedRunInFolder : public testing::Test {
 protected:
  static train::Options asked() {
    train::Options o;
    o.epochs = 5;
    o.batch = 16;
    o.lr = 0.05;
    o.data = "moons:train=200,test=50,seed=1";
    o.model = "2 : dense 12 | relu | dense 2";
    return o;
  }
  void begin() { lock_.emplace(train::RunFolder::create(folder_.path(), false, "epochs = 5\n")); }
  void train(int epochs) {
    if (trainer_.history().empty()) train::save_epoch(*lock_, trainer_);
    for (int e = 0; e < epochs; ++e) {
      trainer_.train_epoch();
      train::save_epoch(*lock_, trainer_);
    }
  }
  void finish() {
    Json history = Json::array();
    for (const auto& record : trainer_.history())
      history.push_back(Json::parse(train::to_json(record)));
    write_file(folder_ / "results.json", Json{{"test_error", 0.25},
                                              {"test_loss", nullptr},
                                              {"test_samples", 50},
                                              {"history", history}}
                                             .dump());
    lock_.reset();
  }

  const data::Dataset data_ = rectify::moons(200, 50);
  ThreadPool threads_{1};
  train::Trainer trainer_{asked(), data_, threads_};
  const TemporaryFolder folder_;
  std::optional<train::RunFolder> lock_;
};

TEST_F(WatchedRunInFolder, IsFollowedFromBeforeItsBeginningToItsEnd) {
  WatchedRun watched(folder_.path());
  EXPECT_EQ(watched.look().stage, WatchStage::waiting);
  begin();
  EXPECT_EQ(watched.look().stage, WatchStage::training) << "the folder is locked";
  EXPECT_EQ(watched.look().run.epochs, 0) << "nobody knows yet";
  train(0);
  EXPECT_EQ(watched.look().run.epochs, 5);
  EXPECT_EQ(watched.look().run.data, "moons:train=200,test=50,seed=1");
  EXPECT_EQ(watched.look().run.class_names, data_.class_names);
  EXPECT_TRUE(watched.look().run.history.empty());
  for (int e = 1; e <= 5; ++e) {
    train(1);
    const report::Watched& now = watched.look();
    ASSERT_EQ(now.run.history.size(), static_cast<std::size_t>(e));
    EXPECT_EQ(now.run.history.back().validation_loss, trainer_.history().back().validation_loss);
    EXPECT_EQ(now.run.history.back().layers[0].label, "relu1");
    EXPECT_EQ(now.run.best_epoch, trainer_.best_epoch());
    EXPECT_EQ(now.stage, WatchStage::training);
    EXPECT_LT(now.age, 100);
  }
  finish();
  EXPECT_EQ(watched.look().stage, WatchStage::ended);
  EXPECT_EQ(watched.look().run.end, TrainingEnd::finished);
  EXPECT_EQ(watched.look().run.test_error, 0.25);
}

TEST_F(WatchedRunInFolder, WhoseProcessHasGoneIsStopped) {
  begin();
  train(2);
  lock_.reset();
  WatchedRun watched(folder_.path());
  EXPECT_EQ(watched.look().stage, WatchStage::ended);
  EXPECT_EQ(watched.look().run.end, TrainingEnd::stopped);
  EXPECT_NE(watched.look().run.trouble.find("rectify resume " + folder_.string()),
            std::string::npos);
  EXPECT_EQ(watched.look().run.history.size(), 2u);
}

TEST_F(WatchedRunInFolder, OfAnEarlierEndThatGoesOnIsNotFinished) {
  begin();
  train(2);
  finish();
  WatchedRun watched(folder_.path());
  EXPECT_EQ(watched.look().run.end, TrainingEnd::finished);
  lock_.emplace(train::RunFolder::open(folder_.path()));
  EXPECT_EQ(watched.look().stage, WatchStage::training);
  train(1);
  lock_.reset();
  EXPECT_EQ(watched.look().run.end, TrainingEnd::stopped) << "results.json is of two epochs";
}

TEST_F(WatchedRunInFolder, TellsWarningsAndWhatEndedIt) {
  begin();
  train(1);
  train::add_event(*lock_, {.epoch = 1, .kind = "warning", .cause = "x", .text = "relu1 dies"});
  WatchedRun watched(folder_.path());
  ASSERT_EQ(watched.look().run.events.size(), 1u);
  EXPECT_EQ(watched.look().run.events[0], std::pair(1, std::string("relu1 dies")));
  train::add_event(*lock_, {.epoch = 2, .kind = "not_finite", .cause = "", .text = "went bad"});
  lock_.reset();
  EXPECT_EQ(watched.look().stage, WatchStage::ended);
  EXPECT_EQ(watched.look().run.end, TrainingEnd::failed);
  EXPECT_EQ(watched.look().run.trouble, "went bad");
}

TEST_F(WatchedRunInFolder, CountsTheTrialsOfASearch) {
  begin();
  write_file(folder_ / "search.json", train::to_json(asked()));
  WatchedRun watched(folder_.path());
  EXPECT_EQ(watched.look().stage, WatchStage::searching);
  EXPECT_EQ(watched.look().trials, 0);
  std::filesystem::create_directory(folder_ / "runs");
  for (const char* name : {"setting.json", "search-0.1.json", "search-0.3.json"})
    write_file(folder_ / "runs" / name, "{}");
  EXPECT_EQ(watched.look().trials, 2);
  train(0);
  EXPECT_EQ(watched.look().stage, WatchStage::training);
}

TEST_F(WatchedRunInFolder, HasAnotherStampWhenSomethingHasChangedAndOnlyThen) {
  begin();
  train(1);
  WatchedRun watched(folder_.path());
  std::string stamp = watched.look().stamp;
  const auto changes = [&] {
    EXPECT_EQ(watched.look().stamp, watched.look().stamp);
    return std::exchange(stamp, watched.look().stamp) != stamp;
  };
  EXPECT_FALSE(changes());
  train(1);
  EXPECT_TRUE(changes());
  train::add_event(*lock_, {.epoch = 1, .kind = "warning", .cause = "x", .text = "relu1 dies"});
  EXPECT_TRUE(changes());
  lock_.reset();
  EXPECT_TRUE(changes()) << "nobody works on it any more";
  write_file(folder_ / "report.html", "<html>");
  EXPECT_TRUE(changes());
  write_file(folder_ / "notes.txt", "of somebody");
  EXPECT_FALSE(changes());
}

TEST_F(WatchedRunInFolder, NeverKeepsARunFromItsFolder) {
  WatchedRun watched(folder_.path());
  for (int i = 0; i < 50; ++i) {
    watched.look();
    const auto locked = train::RunFolder::create(folder_.path(), true);
    watched.look();
  }
}

TEST_F(WatchedRunInFolder, WantsTheFolderOfATraining) {
  const auto refusal = [](const std::filesystem::path& folder) {
    return error_of([&] { WatchedRun run(folder); });
  };
  EXPECT_TRUE(contains(refusal("nowhere"), "there is no folder 'nowhere' to watch"));
  write_file(folder_ / "compare.json", "{}");
  EXPECT_TRUE(contains(refusal(folder_.path()), "is a comparison"));
}

TEST_F(WatchedRunInFolder, ThatCannotBeReadIsAnErrorForAMomentOnly) {
  begin();
  train(1);
  WatchedRun watched(folder_.path());
  const std::string lines = read_file(folder_ / "history.jsonl");
  write_file(folder_ / "history.jsonl", "{\"epoch\":");
  EXPECT_THROW(watched.look(), Error);
  write_file(folder_ / "history.jsonl", lines);
  EXPECT_EQ(watched.look().run.history.size(), 1u);
}

}  // namespace
}  // namespace rectify::lab
