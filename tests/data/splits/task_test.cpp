#include "rectify/data/splits/task.h"

#include <gtest/gtest.h>

#include <vector>

#include "rectify/data/dataset.h"
#include "tests/data/files.h"

namespace rectify::data {
namespace {

using testing::error_of;

std::vector<std::int64_t> cycled(std::vector<std::int64_t> values, std::size_t count) {
  std::vector<std::int64_t> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(values[i % values.size()]);
  return all;
}

std::vector<std::int64_t> upwards(std::int64_t from, std::int64_t count) {
  std::vector<std::int64_t> all;
  for (std::int64_t i = 0; i < count; ++i) all.push_back(from + i);
  return all;
}

TEST(Task, IsClassificationForFewValuesThatRecur) {
  const auto task = [](const std::vector<std::int64_t>& numbers) {
    return task_of_whole_numbers(numbers, "column 'y'").task;
  };
  EXPECT_EQ(task(cycled({-1, 1}, 4)), Task::classification);
  EXPECT_EQ(task(cycled({3, 4, 5, 6, 7, 8}, 60)), Task::classification);  // marks for wine
  EXPECT_EQ(task(cycled(upwards(0, 100), 300)), Task::classification);    // CIFAR-100's labels
  EXPECT_EQ(task(cycled(upwards(25, 200), 442)), Task::regression);       // diabetes
  EXPECT_EQ(task(cycled(upwards(17, 70), 10000)), Task::regression);      // ages
  EXPECT_EQ(task(upwards(0, 20)), Task::regression);                      // each of them once
}

TEST(Task, SaysWhyAndHowToHaveTheOther) {
  EXPECT_EQ(task_of_whole_numbers(cycled(upwards(25, 200), 442), "column 'y'").why,
            "column 'y' holds 200 different whole numbers in 442 samples: a number is predicted "
            "(regression); for classes add task=classification");
}

TEST(Task, IsWhatTheSpecSays) {
  ThreadPool threads(1);
  const TemporaryFolder folder;
  std::string text = "x,y,kind\n";
  for (int i = 0; i < 30; ++i)
    text += std::to_string(i) + "," + std::to_string(i % 3) + "," + (i % 2 ? "a" : "b") + "\n";
  const std::string path = folder.write("t.csv", text);
  const auto opened = [&](const std::string& more) {
    return open("csv:" + path + ":y" + more, threads);
  };
  EXPECT_EQ(opened("").classes(), 3u);
  EXPECT_EQ(opened(",task=regression").target_width, 1);
  EXPECT_EQ(opened(",task=regression").classes(), 0u);
  EXPECT_EQ(opened(",missing=drop,task=classification").classes(), 3u);
  EXPECT_NE(error_of([&] { opened(",task=regresion"); }).find("did you mean 'regression'"),
            std::string::npos);
  EXPECT_NE(error_of([&] {
              open("csv:" + path + ":kind,task=regression", threads);
            }).find("'b' is not a number"),
            std::string::npos);
  const std::string commas = folder.write("c.csv", "x;y\n1;1,5\n2;2,5\n");
  EXPECT_NE(error_of([&] {
              open("csv:" + commas + ":y", threads);
            }).find("row 2, column 'y': '1,5' is a number as people write it"),
            std::string::npos);
  EXPECT_EQ(with_task("csv:a.csv:y", Task::regression), "csv:a.csv:y,task=regression");
  EXPECT_EQ(with_task("csv:a.csv:y", Task::automatic), "csv:a.csv:y");
  EXPECT_NE(error_of([] { with_task("glyphs", Task::regression); }).find("--task is for tables"),
            std::string::npos);
  EXPECT_FALSE(leaves_task_open("csv:a.csv:y,task=classification"));
}

}  // namespace
}  // namespace rectify::data
