// Free energies, likelihoods and samples of what pretraining leaves.
#include <gtest/gtest.h>

#include <algorithm>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/data/images/image.h"
#include "tests/cli/program.h"

namespace rectify::cli {
namespace {

class Score : public testing::Test {
 protected:
  void SetUp() override {
    const Outcome trained =
        run("pretrain --quiet --data glyphs:train=300,test=60,difficulty=0.2 --epochs 3 "
            "--stack 'rbm 12 | rbm 6 nrelu' --out net");
    ASSERT_EQ(trained.code, 0) << trained.err;
  }
  Outcome run(const std::string& arguments) { return run_program(folder_.path(), arguments); }
  TemporaryFolder folder_;
};

TEST_F(Score, TellsTheMostUnusualSamplesAndWritesAll) {
  const Outcome done = run("score net --top 3 --json --out all.csv");
  ASSERT_EQ(done.code, 0) << done.err;
  const auto json = Json::parse(done.out);
  EXPECT_EQ(json["samples"], 60);
  ASSERT_EQ(json["most_unusual"].size(), 3u);
  const double first = json["most_unusual"][0]["free_energy"].get<double>();
  EXPECT_EQ(first, json["free_energy"]["high"].get<double>());
  EXPECT_GE(first, json["most_unusual"][1]["free_energy"].get<double>());
  const std::string csv = read_file(folder_.path() / "all.csv");
  EXPECT_TRUE(csv.starts_with("index,class,free_energy\n0,"));
  EXPECT_EQ(std::ranges::count(csv, '\n'), 61);
  const std::string text = run("score net --top 2").out;
  EXPECT_TRUE(text.starts_with("free energy of 60 samples of glyphs:")) << text;
  EXPECT_NE(text.find("most unusual:\n  sample "), std::string::npos) << text;
}

TEST_F(Score, TellsOtherDataApart) {
  // Capitals, drawn wildly, are unlike the tidy digits that it learnt from.
  const auto json = Json::parse(
      run("score net --against glyphs:classes=alnum,train=310,test=62,difficulty=1 --json").out);
  EXPECT_GT(json["against"]["auc"].get<double>(), 0.7);
  EXPECT_EQ(json["against"]["samples"], 62);
}

TEST_F(Score, GivesTheExactLikelihoodAndEstimatesOfIt) {
  const std::string common = "score net --json --binarise half --top 0 --likelihood ";
  const auto exact = Json::parse(run(common + "auto").out)["log_likelihood"];
  EXPECT_EQ(exact["method"], "exact");
  EXPECT_LT(exact["mean"].get<double>(), 0);
  const Outcome done = run(common + "ais --temperatures 300 --chains 50");
  ASSERT_EQ(done.code, 0) << done.err;
  const auto ais = Json::parse(done.out)["log_likelihood"];
  EXPECT_EQ(ais["method"], "ais");
  const double z = exact["log_partition"].get<double>();
  EXPECT_NEAR(ais["forward"]["log_partition"].get<double>(), z, 3);
  EXPECT_LE(ais["forward"]["low"].get<double>(), z);
  EXPECT_GE(ais["reverse"]["high"].get<double>(), z);
  const std::string text = run("score net --binarise half --top 0 --likelihood exact").out;
  EXPECT_NE(text.find("nats (exact, log Z "), std::string::npos) << text;
}

TEST_F(Score, SamplesAreAPictureATableOrAnArray) {
  ASSERT_EQ(run("sample net --count 10 --steps 5 --out sheet.png").code, 0);
  const data::Image sheet = data::load_image((folder_.path() / "sheet.png").string());
  EXPECT_EQ(sheet.width, 4u * 30 + 2);
  EXPECT_EQ(sheet.height, 3u * 30 + 2);
  const std::string table = run("sample net --count 3 --steps 5").out;
  EXPECT_EQ(std::ranges::count(table, '\n'), 4);
  EXPECT_TRUE(table.starts_with("x0,x1,"));
  EXPECT_EQ(run("sample net --count 3 --steps 5 --seed 1").out, table);
  EXPECT_NE(run("sample net --count 3 --steps 5 --seed 2").out, table);
  ASSERT_EQ(run("sample net --count 3 --steps 5 --out s.npy").code, 0);
  EXPECT_NE(read_file(folder_.path() / "s.npy").find("(3, 28, 28, 1, )"), std::string::npos);
  // A pretraining leaves its filters: of both layers, with an empty row between.
  const data::Image filters = data::load_image((folder_.path() / "net/filters.png").string());
  EXPECT_EQ(filters.width, 20u * 30 + 2);
  EXPECT_EQ(filters.height, 3u * 30 + 2);
}

TEST_F(Score, SaysWhatIsWrong) {
  const auto said = [&](const std::string& arguments, const std::string& words) {
    const Outcome wrong = run(arguments);
    EXPECT_EQ(wrong.code, 1) << arguments;
    EXPECT_NE(wrong.err.find(words), std::string::npos) << arguments << ": " << wrong.err;
  };
  said("score nowhere", "there is no 'nowhere'");
  said("score net/model.safetensors", "holds no layers of a pretraining");
  said("score net --likelihood exactly", "did you mean 'exact'?");
  said("score net --likelihood exact", "--binarise");
  said("score net --chains 1", "--chains");
  said("score net --temperatures 0", "--temperatures");
  said("score net --top -1", "--top");
  said("score net --split none", "--split");
  said("score net --binarise maybe", "half");
  said("score net --data moons", "learnt from 28x28x1");
  said("score net --against moons", "learnt from 28x28x1");
  ASSERT_EQ(run("pretrain --quiet --data glyphs:train=100,test=50 --epochs 1 --stack 'dae 5' "
                "--out coder")
                .code,
            0);
  said("score coder", "is no Boltzmann machine");
  said("sample coder", "is no Boltzmann machine");
  said("sample net --steps 0", "--steps");
  said("sample net --count 0", "--count");
  said("sample net --out sheet.jpg", ".png, .csv or .npy");
  said("sample net --prompt a", "--prompt is for a network that learnt a text");
  said("sample net/model.safetensors --steps 5", "--steps is for the layers of a pretraining");
}

}  // namespace
}  // namespace rectify::cli
