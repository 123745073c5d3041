// A deep autoencoder from the command line: layers, both ways, its files, its figures.

#include <gtest/gtest.h>

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "tests/cli/program.h"
#include "tests/helpers.h"

namespace rectify::cli {
namespace {

constexpr const char* small_data = "--data glyphs:train=200,test=40,difficulty=0.2 ";

class Autoencoder : public testing::Test {
 protected:
  Outcome run(const std::string& arguments) { return run_program(folder_.path(), arguments); }
  void refuses(const std::string& arguments, const std::string& part) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, 1) << arguments;
    EXPECT_TRUE(contains(outcome.err, part)) << arguments << ": " << outcome.err;
    EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1) << outcome.err;
  }
  TemporaryFolder folder_;
};

TEST_F(Autoencoder, IsTrainedMeasuredDrawnAndAnswers) {
  const Outcome outcome = run(concat("pretrain ", small_data,
                                     "--stack 'rbm 20 | dae 6 softplus noise=0.1' --epochs 1 "
                                     "--unroll 2 --unroll-lr 0.01 --out a"));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "unrolled, epoch 2: loss ")) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "reconstruction of 40 test samples: squared error "));
  EXPECT_TRUE(contains(outcome.out, "(6 principal components: ")) << outcome.out;

  const Json results = Json::parse(read_file(folder_.path() / "a/results.json"));
  const Json& measured = results.at("reconstruction");
  EXPECT_EQ(measured.at("test_samples").get<int>(), 40);
  EXPECT_NEAR(measured.at("squared_error_a_sample").get<double>(),
              784 * measured.at("mean_squared_error").get<double>(), 1e-9);
  EXPECT_GT(measured.at("principal_mean_squared_error").get<double>(), 0);
  EXPECT_EQ(results.at("config").at("unroll").get<int>(), 2);
  EXPECT_TRUE(read_file(folder_.path() / "a/reconstructions.png").starts_with("\x89PNG"));

  // What predict answers, pixel for pixel, has the error that was measured.
  const Outcome answers =
      run(concat("predict a/autoencoder.safetensors ", small_data, "--first 3 --count 1"));
  ASSERT_EQ(answers.code, 0) << answers.err;
  const std::vector<std::string> lines = split(answers.out, '\n');
  EXPECT_TRUE(lines[0].starts_with("index,predicted_0,predicted_1,")) << lines[0];
  const std::vector<std::string> fields = split(lines[1], ',');
  ASSERT_EQ(fields.size(), 785u);
  for (std::size_t i = 1; i < fields.size(); ++i) {
    const double pixel = parse_number(fields[i]).value();
    ASSERT_TRUE(pixel >= 0 && pixel <= 255) << fields[i];
  }
  const Outcome code = run(concat("predict a/model.safetensors ", small_data, "--count 2"));
  ASSERT_EQ(code.code, 0) << code.err;
  EXPECT_TRUE(code.out.starts_with(
      "index,predicted_0,predicted_1,predicted_2,predicted_3,predicted_4,predicted_5\n"));
  const Outcome inspected = run("inspect a/autoencoder.safetensors");
  EXPECT_TRUE(contains(inspected.out, "784 : dense 20 | sigmoid | dense 6 | softplus | dense 20"));
}

TEST_F(Autoencoder, ThatIsFinishedIsOnlyMeasuredByResume) {
  const std::string stack =
      concat("pretrain ", small_data, "--stack 'ae 5' --epochs 1 --unroll 1 ");
  const Outcome first = run(stack + "--out a");
  ASSERT_EQ(first.code, 0) << first.err;
  const std::string before = read_file(folder_.path() / "a/state.safetensors");
  const Outcome again = run("resume a");
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_TRUE(contains(again.err, "this run is finished")) << again.err;
  EXPECT_EQ(again.out, first.out);
  EXPECT_TRUE(read_file(folder_.path() / "a/state.safetensors") == before);
}

TEST_F(Autoencoder, AnswersDataOfAsManyClassesAsASampleHasNumbers) {
  ASSERT_EQ(run("pretrain --data moons --stack 'ae 3 tanh' --epochs 1 --unroll 1 --out m").code, 0);
  const Outcome outcome = run("predict m/autoencoder.safetensors --data moons --count 2");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(outcome.out.starts_with("index,predicted_0,predicted_1\n0,")) << outcome.out;
}

TEST_F(Autoencoder, StartsAClassifier) {
  ASSERT_EQ(
      run(concat("pretrain ", small_data, "--stack 'dae 12 | dae 8' --epochs 1 --out a")).code, 0);
  const Outcome outcome = run(concat("train ", small_data, "--init a --epochs 1 --out b"));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(run("inspect b/model.safetensors").out,
                       "784 : dense 12 | relu | dense 8 | relu | dense 10"));
}

TEST_F(Autoencoder, SaysWhatIsWrong) {
  const std::string begin = concat("pretrain ", small_data, "--out a ");
  refuses(begin + "--stack 'ae 5' --unroll -1", "unroll must be 0 or more epochs, not -1");
  refuses(begin + "--stack 'ae 5' --unroll 1 --unroll-lr 0", "unroll-lr must be above 0, not 0");
  refuses(begin + "--stack 'dae 5 noise=1'", "noise is a share of the elements, at most 0.99");
  refuses(begin + "--stack 'dae 5 gelu contractive=1'", "second derivative of gelu");
  refuses(begin + "--stack 'ae 5 output=sigmoid' --normalise standard",
          "output=sigmoid reconstructs numbers from 0");
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "a"));
}

}  // namespace
}  // namespace rectify::cli
