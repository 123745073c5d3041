// What experiments find in their folder: pieces of work and results of other processes.

#include <gtest/gtest.h>

#include <cmath>

#include "rectify/base/file_lock.h"
#include "rectify/lab/experiment.h"
#include "rectify/lab/stopped.h"
#include "tests/helpers.h"
#include "tests/lab/toy_recipe.h"
#include "tests/temporary_folder.h"

namespace rectify::lab {
namespace {

namespace fs = std::filesystem;

/// Where the toy recipe's first piece with that beginning of its name is kept.
fs::path piece_in(const fs::path& folder, const std::string& beginning) {
  for (const auto& entry : fs::directory_iterator(folder / "cells"))
    if (entry.path().filename().string().starts_with(beginning)) return entry.path();
  ADD_FAILURE() << "there is no piece " << beginning;
  return {};
}

bool is_waiting(const Progress& p) { return contains(p.text, "waits for another process"); }

TEST(SharedFolder, WaitsForAPieceThatAnotherProcessIsMeasuring) {
  const TemporaryFolder folder;
  ThreadPool threads(1);
  const Recipe recipe = parse_recipe(toy, "toy", "toy.toml");
  const ExperimentOptions how{.full = true, .seeds = 1, .out = folder.path()};
  const report::LabResult alone = run_recipe(recipe, how, threads);
  const fs::path piece = piece_in(folder.path(), "train-seed-1-");
  const fs::path lock = fs::path(piece).replace_extension(".lock");
  const std::string found = read_file(piece);
  fs::remove(piece);
  auto other = FileLock::try_take(lock, FileLock::File::goes);
  ASSERT_TRUE(other.has_value());
  int waited = 0;
  const report::LabResult both = run_recipe(recipe, how, threads, [&](const Progress& p) {
    if (!is_waiting(p) || ++waited < 2) return;
    write_file(piece, found);
    other.reset();
  });
  EXPECT_EQ(waited, 2);
  EXPECT_EQ(read_file(piece), found) << "it was measured again";
  EXPECT_EQ(figures_without_seconds(both).dump(), figures_without_seconds(alone).dump());
}

TEST(SharedFolder, StopsWaitingWhenItIsToldOrWhenTheOtherProcessEnds) {
  const TemporaryFolder folder;
  ThreadPool threads(1);
  const Recipe recipe = parse_recipe(toy, "toy", "toy.toml");
  const ExperimentOptions how{.full = true, .seeds = 1, .out = folder.path()};
  run_recipe(recipe, how, threads);
  const fs::path piece = piece_in(folder.path(), "train-seed-1-");
  const fs::path lock = fs::path(piece).replace_extension(".lock");
  fs::remove(piece);
  auto other = FileLock::try_take(lock, FileLock::File::goes);
  bool waits = false;
  const auto progress = [&](const Progress& p) { waits = waits || is_waiting(p); };
  EXPECT_THROW(run_recipe(recipe, how, threads, progress, [&] { return waits; }), Stopped);
  EXPECT_TRUE(waits);
  run_recipe(recipe, how, threads, [&](const Progress& p) {
    if (is_waiting(p)) other.reset();  // without a result
  });
  EXPECT_TRUE(fs::exists(piece));
  EXPECT_EQ(files_in(folder / "cells"), 4u) << "a lock is left over";
}

TEST(SharedFolder, NamesAPieceThatIsDamaged) {
  const TemporaryFolder folder;
  ThreadPool threads(1);
  const Recipe recipe = parse_recipe(toy, "toy", "toy.toml");
  const ExperimentOptions how{.full = true, .seeds = 1, .out = folder.path()};
  run_recipe(recipe, how, threads);
  const fs::path piece = piece_in(folder.path(), "train-seed-1-");
  const Json sound = Json::parse(read_file(piece));
  for (const char* part : {"", "key", "machine", "result"}) {
    Json damaged = Json::object();
    if (*part != 0) damaged = sound;
    if (*part != 0) damaged[part] = Json::object();
    write_file(piece, damaged.dump());
    const std::string error = error_of([&] { run_recipe(recipe, how, threads); });
    EXPECT_TRUE(contains(error, "'" + piece.string() + "' is ")) << part << ": " << error;
    EXPECT_TRUE(contains(error, "; delete it")) << part << ": " << error;
  }
}

TEST(SharedFolder, LeavesOutAResultThatCannotBeRead) {
  const TemporaryFolder folder;
  ThreadPool threads(1);
  run_recipe(parse_recipe(toy, "toy", "toy.toml"), {.seeds = 1, .out = folder.path()}, threads);
  fs::create_directories(folder / "broken");
  folder.write("broken/result.json", "{");
  std::vector<std::string> told;
  const auto results =
      renew_pages(folder.path(), [&](const std::string& why) { told.push_back(why); });
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].id, "toy");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_TRUE(contains(told[0], "'" + (folder / "broken/result.json").string() + "' is left out"))
      << told[0];
  for (const char* file : {"toy.html", "index.html"})
    EXPECT_TRUE(fs::exists(folder / file)) << file;
  EXPECT_FALSE(fs::exists(folder / ".lock"));
  EXPECT_TRUE(renew_pages(folder / "cells").empty());
}

constexpr const char* exploding = R"(
title = "T"
claim = "C"
by = "E"
measure = "signals"
[options]
model = "32 : repeat {depth} (dense 32 init=he_normal gain=1e4 | relu) | dense 10"
width = 32
batch = 16
depths = [10]
[[claims]]
text = "one over the largest"
measured = "1 / largest"
article = {by = "E", near = 0, within = 0.1}
)";

TEST(Signals, FindsNoLargestOfASignalThatExploded) {
  const TemporaryFolder folder;
  ThreadPool threads(1);
  std::string text = exploding;
  text.replace(text.find("[10]"), 4, "[40]");
  const report::LabResult result =
      run_recipe(parse_recipe(text, "e", "e.toml"), {.seeds = 1, .out = folder.path()}, threads);
  const report::LabRun& run = result.cells.at(0).runs.at(0);
  for (const char* figure : {"largest", "worst_mean", "worst_variance"})
    EXPECT_FALSE(std::isfinite(figure_of(run, figure))) << figure;
}

TEST(SharedFolder, JudgesWhatItFindsAsWhenItMeasuredIt) {
  const TemporaryFolder folder;
  ThreadPool threads(1);
  const Recipe recipe = parse_recipe(exploding, "e", "e.toml");
  const ExperimentOptions how{.seeds = 2, .out = folder.path()};
  const report::LabResult measured = run_recipe(recipe, how, threads);
  EXPECT_EQ(files_in(folder / "cells"), 2u);
  const report::LabResult found = run_recipe(recipe, how, threads);
  EXPECT_EQ(figures_without_seconds(measured).dump(), figures_without_seconds(found).dump());
  EXPECT_EQ(measured.claims[0].article->standing, found.claims[0].article->standing);
}

}  // namespace
}  // namespace rectify::lab
