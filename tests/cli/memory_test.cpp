// What `inspect` says of the memory that training takes, beside what it took.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "tests/cli/program.h"

namespace rectify::cli {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_sanitized = true;  // which takes memory of its own
#else
constexpr bool is_sanitized = false;
#endif

/// The most bytes that the program had in memory.
double most_bytes(const std::filesystem::path& folder, const std::string& arguments) {
  const std::string command = "cd '" + folder.string() + "' && exec '" RECTIFY_PROGRAM "' " +
                              arguments + " >.out 2>.err </dev/null";
  const pid_t id = ::fork();
  if (id == 0) {
    ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    ::_exit(127);
  }
  int status = 0;
  rusage used{};
  ::wait4(id, &status, 0, &used);
  EXPECT_EQ(status, 0) << read_file(folder / ".err");
  return 1024.0 * static_cast<double>(used.ru_maxrss);
}

void expect_as_predicted(const std::string& model, int batch, const std::string& data,
                         double data_bytes) {
  const TemporaryFolder folder;
  const std::string network = "'" + model + "' --batch " + std::to_string(batch);
  const Outcome said = run_program(folder.path(), "inspect " + network + " --json");
  ASSERT_EQ(said.code, 0) << said.err;
  const auto predicted = Json::parse(said.out)["training_bytes"].get<double>();
  const double took =
      most_bytes(folder.path(), "train --quiet --epochs 2 --lr 0.001 --out run --data " + data +
                                    " --model " + network);
  EXPECT_NEAR((took - data_bytes) / predicted, 1, 0.1)
      << model << ": " << took << " with " << data_bytes << " of data, predicted " << predicted;
}

TEST(Memory, OfTrainingIsAsInspectSays) {
  if (is_sanitized) GTEST_SKIP() << "sanitizers take memory of their own";
  const double glyphs = 1200 * 785;
  expect_as_predicted("784 : dense 1000 | relu | dense 1000 | relu | dense 1000 | relu | dense 10",
                      128, "glyphs:train=1000,test=200", glyphs);
  expect_as_predicted(
      "28x28x1 : conv 32 3x3 | batch_norm | relu | max_pool 2 | conv 64 3x3 | relu "
      "| max_pool 2 | conv 128 3x3 | relu | flatten | dense 512 | relu | dense 10",
      128, "glyphs:train=1000,test=200", glyphs);
}

TEST(Memory, OfWhatDoesNotFitIsSaidToo) {
  const TemporaryFolder folder;
  const Outcome said = run_program(
      folder.path(), "inspect '300000 : dense 200000 | relu | dense 10' --batch 100000 --json");
  ASSERT_EQ(said.code, 0) << said.err;
  const double parameters = 4.0 * 300000 * 200000;
  EXPECT_GT(Json::parse(said.out)["training_bytes"].get<double>(), 7 * parameters);
}

}  // namespace
}  // namespace rectify::cli
