// NumPy arrays of rows whose features are unlike in size: each gets its own scale.

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "tests/cli/program.h"
#include "tests/data/files.h"
#include "tests/helpers.h"

namespace rectify::cli {
namespace {

using data::testing::little;
using data::testing::npy;
using data::testing::zip;

std::string floats(const std::vector<float>& numbers) {
  std::string bytes;
  for (const float number : numbers) bytes += little(std::bit_cast<std::uint32_t>(number), 4);
  return bytes;
}

/// Three numbers a row: 0 to 3, always 7, and 0 to `large`. The class is whether the first is above
/// 1.5, which who sees only the last cannot know.
std::string archive(float large) {
  std::vector<float> x;
  std::string y;
  constexpr int rows = 400;
  for (int i = 0; i < rows; ++i) {
    const float small = static_cast<float>(i * 37 % rows) / 133;
    x.insert(x.end(), {small, 7, static_cast<float>(i * 91 % rows) * large / rows});
    y += static_cast<char>(small > 1.5f);
  }
  return zip({{"x_train.npy", npy("<f4", concat("(", rows, ", 3)"), floats(x))},
              {"y_train.npy", npy("|u1", concat("(", rows, ",)"), y)}});
}

class Arrays : public testing::Test {
 protected:
  Outcome run(const std::string& arguments) { return run_program(folder_.path(), arguments); }
  Outcome train(const std::string& more) {
    write_file(folder_.path() / "t.npz", archive(50000));
    return run("train --data npz:t.npz --hidden 16 --epochs 20 " + more);
  }
  double error_of(const std::string& run_folder) {
    const Json results = Json::parse(read_file(folder_.path() / run_folder / "results.json"));
    return results["test_error"].get<double>();
  }
  TemporaryFolder folder_;
};

TEST_F(Arrays, OfUnlikeFeaturesAreLearntFeatureByFeature) {
  const Outcome trained = train("--out own");
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_TRUE(contains(trained.err, "--normalise features")) << trained.err;
  ASSERT_EQ(train("--normalise standard --out one").code, 0);
  EXPECT_LT(error_of("own"), 0.1);
  EXPECT_GT(error_of("one"), 0.2);
  EXPECT_EQ(Json::parse(run("eval own --json").out)["error"].get<double>(), error_of("own"));
}

TEST_F(Arrays, OfLikeFeaturesKeepOneScale) {
  write_file(folder_.path() / "t.npz", archive(9));
  const Outcome trained = run("train --data npz:t.npz --hidden 16 --epochs 1 --out t");
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_FALSE(contains(trained.err, "--normalise")) << trained.err;
}

TEST_F(Arrays, HaveTheirScalingReported) {
  ASSERT_EQ(train("--out t").code, 0);
  const Json features = Json::parse(run("inspect t --json").out)["features"];
  ASSERT_EQ(features.size(), 3u);
  EXPECT_EQ(features[1]["mean"], 7);
  EXPECT_EQ(features[1]["deviation"], 0);
  EXPECT_NEAR(features[2]["mean"].get<double>(), 24937, 1500);
  EXPECT_TRUE(contains(run("inspect t").out, "feature 2"));
}

TEST_F(Arrays, AreAnsweredTheSameByTheExportedModel) {
  ASSERT_EQ(train("--out t").code, 0);
  ASSERT_EQ(run("export t --out t.onnx").code, 0);
  const Json ours = Json::parse(run("predict t --count 20 --json").out)["predictions"];
  const Json theirs = Json::parse(
      run("predict t.onnx --data npz:t.npz --split test --count 20 --json").out)["predictions"];
  ASSERT_EQ(ours.size(), 20u);
  for (std::size_t i = 0; i < ours.size(); ++i)
    for (std::size_t k = 0; k < 2; ++k)
      EXPECT_NEAR(ours[i]["outputs"][k].get<double>(), theirs[i]["outputs"][k].get<double>(), 1e-5);
}

TEST_F(Arrays, AreResumedToTheSameBytes) {
  ASSERT_EQ(train("--normalise features --out t").code, 0);
  Process process(folder_.path(), "train --data npz:t.npz --hidden 16 --epochs 20 --out p");
  process.wait_for_file("p/history.jsonl", 5);
  process.send(9);
  process.wait();
  ASSERT_EQ(run("resume p").code, 0);
  EXPECT_TRUE(read_file(folder_.path() / "t/model.safetensors") ==
              read_file(folder_.path() / "p/model.safetensors"));
}

TEST_F(Arrays, AreComparedAndPretrainedFeatureByFeature) {
  write_file(folder_.path() / "t.npz", archive(50000));
  const Outcome compared =
      run("compare --data npz:t.npz --hidden 8 --epochs 1 --seeds 1 --lr 0.05 --activations relu "
          "--out c");
  ASSERT_EQ(compared.code, 0) << compared.err;
  EXPECT_TRUE(contains(compared.err, "--normalise features")) << compared.err;
  ASSERT_EQ(run("pretrain --data npz:t.npz --stack 'ae 2' --epochs 1 --out p").code, 0);
  EXPECT_TRUE(contains(read_file(folder_.path() / "p/config.toml"), "normalise = 'features'"));
}

}  // namespace
}  // namespace rectify::cli
