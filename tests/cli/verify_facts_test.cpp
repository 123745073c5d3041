// rectify verify --monotone, --range, --lipschitz and --dead, as a person runs them.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "tests/cli/program.h"
#include "tests/helpers.h"

namespace rectify::cli {
namespace {

class VerifyFacts : public testing::Test {
 protected:
  Outcome run(const std::string& arguments) { return run_program(folder_.path(), arguments); }

  /// A network, by its text after the inputs, of the table price = 3 size - 2 age with size in 0..9
  /// and age in 0..7, in "run".
  void train(const std::string& network = "dense 8 | relu | dense 1") {
    std::string rows = "size,age,price\n";
    for (int i = 0; i < 400; ++i)
      rows += concat(i / 8 % 10, ",", i % 8, ",", 3 * (i / 8 % 10) - 2 * (i % 8), "\n");
    folder_.write("houses.csv", rows);
    const Outcome trained =
        run("train --data csv:houses.csv:price --task regression --model '2 : " + network +
            "' --epochs 40 --optimizer adam --lr 0.02 --batch 16 --threads 1 --quiet --out run");
    ASSERT_EQ(trained.code, 0) << trained.err;
  }

  TemporaryFolder folder_;
};

TEST_F(VerifyFacts, MonotoneProvesItAlongAColumn) {
  train();
  const Outcome text = run("verify run --monotone size --fail --quiet");
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_TRUE(text.out.starts_with("holds: price never falls where size rises")) << text.out;
  EXPECT_TRUE(contains(text.out, " in the range of csv:houses.csv:price")) << text.out;
}

TEST_F(VerifyFacts, MonotoneProvesTheSlopesOfALine) {
  train("dense 1");
  const Outcome falls = run("verify run --monotone age --decreasing --fail --json");
  EXPECT_EQ(falls.code, 0) << falls.err;
  const Json json = Json::parse(falls.out);
  EXPECT_EQ(json.at("answer").get<std::string>(), "holds");
  EXPECT_EQ(json.at("direction").get<std::string>(), "decreasing");
  EXPECT_EQ(json.at("box"), Json::parse("[[0, 9], [0, 7]]"));
  EXPECT_NEAR(json.at("slope").at(0).get<double>(), -2, 0.1);
  EXPECT_NEAR(json.at("slope").at(1).get<double>(), -2, 0.1);
  EXPECT_LT(json.at("disorder").get<double>(), 1e-2);
}

TEST_F(VerifyFacts, MonotoneShowsTwoInputsThatPredictAnswersInTheWrongOrder) {
  train();
  const Outcome text = run("verify run --monotone age --fail --quiet");
  EXPECT_EQ(text.code, 4) << text.err;
  EXPECT_TRUE(text.out.starts_with("violated: price falls where age rises")) << text.out;
  for (const char* part : {"  age = ", "  price = ", "where\n  size = "})
    EXPECT_TRUE(contains(text.out, part)) << text.out << ": " << part;
  const Json json = Json::parse(run("verify run --monotone 1 --box 2:5,1:3 --json").out);
  const auto inputs = json.at("inputs").get<std::vector<std::vector<double>>>();
  EXPECT_EQ(inputs[0][0], inputs[1][0]);
  EXPECT_LT(inputs[0][1], inputs[1][1]);
  for (const std::vector<double>& input : inputs) {
    EXPECT_TRUE(2 <= input[0] && input[0] <= 5 && 1 <= input[1] && input[1] <= 3);
    folder_.write("one.csv",
                  concat("size,age\n", number_text(input[0]), ",", number_text(input[1]), "\n"));
    const Json predicted = Json::parse(run("predict run --data one.csv --json").out);
    const Json output = predicted.at("predictions").at(0).at("outputs").at(0);
    EXPECT_EQ(output, json.at("outputs").at(&input == &inputs[0] ? 0 : 1));
  }
}

TEST_F(VerifyFacts, RangeHoldsEveryAnswer) {
  train();
  const Json json = Json::parse(run("verify run --range --timeout 5 --json").out);
  const Json& output = json.at("outputs").at(0);
  const double low = output.at("proven").at(0).get<double>(),
               high = output.at("proven").at(1).get<double>();
  EXPECT_LE(low, output.at("found").at(0).get<double>());
  EXPECT_GE(high, output.at("found").at(1).get<double>());
  // The least is near 3 x 0 - 2 x 7, the greatest near 3 x 9 - 2 x 0.
  EXPECT_NEAR(low, -14, 6);
  EXPECT_NEAR(high, 27, 6);
  const Json predicted = Json::parse(run("predict run --data houses.csv --json").out);
  for (const Json& sample : predicted.at("predictions")) {
    EXPECT_GE(sample.at("outputs").at(0).get<double>(), low);
    EXPECT_LE(sample.at("outputs").at(0).get<double>(), high);
  }
  const Outcome text = run("verify run --range --box age=0:1 --quiet");
  EXPECT_TRUE(text.out.starts_with("outputs in the range of csv:houses.csv:price")) << text.out;
  EXPECT_TRUE(contains(text.out, " and --box age=0:1\n")) << text.out;
  EXPECT_TRUE(contains(text.out, "\nprice  ")) << text.out;
}

TEST_F(VerifyFacts, LipschitzIsInUnitsOfTheData) {
  train("dense 1");
  const Json json = Json::parse(run("verify run --lipschitz --timeout 5 --json").out);
  const Json& output = json.at("outputs").at(0);
  // |3| + |-2|, and the root of their squares.
  EXPECT_NEAR(output.at("inf").at("proven").get<double>(), 5, 0.2);
  EXPECT_NEAR(output.at("2").at("proven").get<double>(), std::sqrt(13), 0.2);
  for (const char* norm : {"inf", "2"})
    EXPECT_LE(output.at(norm).at("found").get<double>(),
              output.at(norm).at("proven").get<double>());
  EXPECT_TRUE(contains(run("verify run --lipschitz --quiet").out, "max norm: at most"));
}

TEST_F(VerifyFacts, DeadNamesUnits) {
  train();
  const Outcome outcome = run("verify run --dead --json");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out);
  EXPECT_EQ(json.at("layers").at(0).at("units").get<int>(), 8);
  EXPECT_TRUE(contains(run("verify run --dead").out, "  relu1: ")) << outcome.out;
}

TEST_F(VerifyFacts, WrongInputsAreAnsweredInOneLine) {
  train();
  const auto expect_error = [&](const std::string& arguments, const std::string& part) {
    const Outcome outcome = run("verify run " + arguments);
    EXPECT_EQ(outcome.code, 1) << arguments;
    EXPECT_TRUE(contains(outcome.err, part)) << outcome.err;
    EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1) << outcome.err;
  };
  expect_error("--monotone sise", "there is no feature 'sise'; did you mean 'size'?");
  expect_error("--monotone 2", "there is no feature '2'; there are 2, which are counted from 0");
  expect_error("--monotone size --class 3", "there is no class '3'; there are 1");
  expect_error("--monotone size --box 1:2,3:4,5:6", "--box has 3 ranges, but the network takes 2");
  expect_error("--monotone size --box 2:1", "the range 2:1, whose lower end is above the upper");
  expect_error("--monotone size --box 1:x", "--box wants ranges such as 18:40");
  expect_error("--monotone size --box size=1:2,3:4", "'3:4' beside ranges with names");
  expect_error("--monotone size --box size=3", "one value in the box, 3");
  expect_error("--range --box 1e37:1e38", "overflow");
  expect_error("--range --class 0", "--class goes with --monotone, not with --range");
  expect_error("--robust 1 --box 0:1", "--box goes with --monotone, --range");
  expect_error("--range --dead", "one of the two, or instead one of --monotone");
  expect_error("--range --check c", "--check goes with --property, not with --range");
}

TEST_F(VerifyFacts, OfAClassifierAsksForTheClass) {
  const Outcome trained =
      run("train --data moons:train=200,test=50 --model '2 : dense 8 | relu | dense 2' --epochs 1"
          " --validation 0 --threads 1 --quiet --out moons");
  ASSERT_EQ(trained.code, 0) << trained.err;
  const Outcome none = run("verify moons --monotone 0");
  EXPECT_EQ(none.code, 1);
  EXPECT_TRUE(contains(none.err, "2 outputs; say which one by --class")) << none.err;
  const Json json = Json::parse(run("verify moons --monotone 0 --class 1 --json").out);
  EXPECT_EQ(json.at("feature").get<std::string>(), "feature 0");
  EXPECT_EQ(Json::parse(run("verify moons --range --json").out).at("outputs").size(), 2u);
}

}  // namespace
}  // namespace rectify::cli
