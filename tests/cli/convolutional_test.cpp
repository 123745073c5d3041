// Convolutional machines and learned variances, as a user meets them.
#include <gtest/gtest.h>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/data/images/image.h"
#include "tests/cli/program.h"

namespace rectify::cli {
namespace {

class Convolutional : public testing::Test {
 protected:
  Outcome run(const std::string& arguments) { return run_program(folder_.path(), arguments); }
  static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }
  TemporaryFolder folder_;
};

TEST_F(Convolutional, LayersLeaveAPageAndPicturesAndTrainingGoesOnFromThem) {
  const Outcome done =
      run("pretrain --data glyphs:train=300,test=60,difficulty=0.2 --epochs 2 --out net "
          "--stack 'crbm 6 kernel=9 sparsity=0.05 | crbm 4 kernel=3 | rbm 12'");
  ASSERT_EQ(done.code, 0) << done.err;
  const std::string page = read_file(folder_.path() / "net/report.html");
  EXPECT_TRUE(has(page, "conv 6 9 padding=valid | sigmoid | max_pool 2 | conv 4 3"));
  // Kernels of 9x9 pixels in one row, and of 9 + 2 (3 - 1) = 13 below.
  const data::Image filters = data::load_image((folder_.path() / "net/filters.png").string());
  EXPECT_GT(filters.height, 2 * 24u);
  const Outcome fine =
      run("train --init net --data glyphs:train=300,test=60,difficulty=0.2 "
          "--epochs 2 --out fine --json");
  ASSERT_EQ(fine.code, 0) << fine.err;
  const Outcome look = run("inspect fine");
  EXPECT_TRUE(has(look.out, "flatten")) << look.out;
  const auto json = Json::parse(run("score net --json").out);
  EXPECT_EQ(json["samples"], 60);
}

TEST_F(Convolutional, LayersSayWhatIsNotKnownOfThem) {
  ASSERT_EQ(run("pretrain --quiet --data glyphs:train=100,test=20 --epochs 1 --out net "
                "--stack 'crbm 3 kernel=9'")
                .code,
            0);
  const Outcome likely = run("score net --likelihood ais");
  EXPECT_NE(likely.code, 0);
  EXPECT_TRUE(has(likely.err, "neither likelihoods nor samples")) << likely.err;
  EXPECT_NE(run("sample net --count 4 --out s.png").code, 0);
  const Outcome uneven = run("pretrain --data glyphs:train=100,test=20 --stack 'crbm 3 kernel=10'");
  EXPECT_NE(uneven.code, 0);
  EXPECT_TRUE(has(uneven.err, "19x19 places in pictures of 28x28x1, which pool=2 does not divide"))
      << uneven.err;
}

TEST_F(Convolutional, KindsAreListedWithTheirAttributes) {
  const std::string kinds = run("pretrain --kinds").out;
  EXPECT_TRUE(has(kinds, "crbm: convolutional Boltzmann machine"));
  EXPECT_TRUE(has(kinds, "variance=fixed"));
}

TEST_F(Convolutional, LearnedVariancesHaveALikelihood) {
  ASSERT_EQ(run("pretrain --quiet --data glyphs:train=300,test=60 --epochs 2 --out net "
                "--stack 'rbm 5 visible=gaussian variance=learned'")
                .code,
            0);
  const auto exact = Json::parse(run("score net --likelihood exact --json").out);
  const auto ais = Json::parse(run("score net --likelihood ais --temperatures 300 --json").out);
  const double nats = exact["log_likelihood"]["mean"].get<double>();
  EXPECT_NEAR(ais["log_likelihood"]["mean"].get<double>(), nats, 1) << ais.dump();
  EXPECT_EQ(run("sample net --count 4 --out s.png").code, 0);
}

}  // namespace
}  // namespace rectify::cli
