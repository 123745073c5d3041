// rectify verify, as a person runs it.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "tests/cli/program.h"
#include "tests/helpers.h"

namespace rectify::cli {
namespace {

namespace fs = std::filesystem;

class Verify : public testing::Test {
 protected:
  Outcome run(const std::string& arguments) { return run_program(folder_.path(), arguments); }

  /// A small network of two inputs and two outputs in the folder "run".
  void train() {
    const Outcome trained =
        run("train --data moons:train=200,test=50 --model '2 : dense 8 | relu | dense 2' --epochs 1"
            " --validation 0 --threads 1 --quiet --out run");
    ASSERT_EQ(trained.code, 0) << trained.err;
  }
  /// Writes a property: both inputs in [-1, 1] and `unsafe`.
  void write_property(const std::string& unsafe) {
    folder_.write("p.vnnlib",
                  "(declare-const X_0 Real)\n(declare-const X_1 Real)\n(declare-const Y_0 Real)\n"
                  "(declare-const Y_1 Real)\n(assert (and (>= X_0 -1) (<= X_0 1) (>= X_1 -1) "
                  "(<= X_1 1)))\n(assert " +
                      unsafe + ")\n");
  }

  TemporaryFolder folder_;
};

TEST_F(Verify, ProvesThatOutputsStayBelowABound) {
  train();
  write_property("(or (>= Y_0 1e4) (>= Y_1 1e4))");
  const Outcome text = run("verify run --property p.vnnlib --fail --quiet");
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_TRUE(text.out.starts_with("holds: no input of the property has an unsafe answer\n2 cases"))
      << text.out;
}

TEST_F(Verify, ShowsTheInputThatViolates) {
  train();
  write_property("(or (>= Y_0 1e4) (>= Y_1 -1e4))");
  const Outcome text = run("verify run --property p.vnnlib --quiet");
  EXPECT_EQ(text.code, 0) << text.err;
  for (const char* part : {"violated: an input of case 2 of 2", "X_0 = ", "X_1 = ", "Y_1 = "})
    EXPECT_TRUE(contains(text.out, part)) << text.out << ": " << part;
  const Outcome outcome = run("verify run --property p.vnnlib --json --fail");
  EXPECT_EQ(outcome.code, 4);
  const Json json = Json::parse(outcome.out);
  EXPECT_EQ(json.at("answer").get<std::string>(), "violated");
  EXPECT_EQ(json.at("case").get<int>(), 1);
  EXPECT_EQ(json.at("cases").get<int>(), 2);
  const auto input = json.at("input").get<std::vector<double>>();
  ASSERT_EQ(input.size(), 2u);
  EXPECT_LE(std::max(std::abs(input[0]), std::abs(input[1])), 1);
  // What predict answers to a table with this input.
  folder_.write("one.csv",
                concat("x,y\n", number_text(input[0]), ",", number_text(input[1]), "\n"));
  const Json predicted = Json::parse(run("predict run --data one.csv --json").out);
  EXPECT_EQ(json.at("output"), predicted.at("predictions").at(0).at("outputs"));
}

TEST_F(Verify, SaysThatNothingCanBeInAnEmptyProperty) {
  train();
  write_property("(and (>= X_0 2) (<= Y_0 0))");
  const Outcome outcome = run("verify run --property p.vnnlib --fail --quiet");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out.substr(0, outcome.out.find(',')),
            "holds: no input and no output can meet the constraints");
  EXPECT_TRUE(contains(outcome.out, "0 cases (1 empty)")) << outcome.out;
}

TEST_F(Verify, RefusesWhatItCannotRead) {
  train();
  const auto expect_error = [&](const std::string& arguments, const std::string& part) {
    const Outcome outcome = run("verify " + arguments);
    EXPECT_EQ(outcome.code, 1);
    EXPECT_TRUE(contains(outcome.err, part)) << outcome.err;
  };
  write_property("(<= Y_0 Y_7)");
  expect_error("run --property p.vnnlib", "line 6 uses 'Y_7', which is not declared");
  expect_error("run --property nowhere.vnnlib", "nowhere.vnnlib");
  write_property("(<= Y_0 Y_1)");
  expect_error("run --property p.vnnlib --timeout 0", "--timeout must be above 0");
  expect_error("nowhere --property p.vnnlib", "nowhere");
  folder_.write("p.vnnlib",
                "(declare-const X_0 Real)(declare-const Y_0 Real)(assert (= X_0 1))"
                "(assert (<= Y_0 0))");
  expect_error("run --property p.vnnlib",
               "1 inputs and 1 outputs (X_0 to X_0, Y_0 to Y_0), but the network has 2 and 2");
  EXPECT_EQ(run("verify run").code, 2);
}

TEST_F(Verify, WarnsOfAStrictInequalityThatItCannotKeep) {
  train();
  write_property("(< (+ Y_0 Y_1) 1e6)");
  EXPECT_TRUE(contains(run("verify run --property p.vnnlib").err, "strict inequality"));
}

/// Answers from the literature (Katz et al. 2017, table): property 1 holds of network 1_1 and
/// property 2 does not of 2_1.
TEST_F(Verify, KnowsNetworksOfAcasXu) {
  const fs::path data = fs::path(RECTIFY_SHARED_DATA) / "acasxu";
  if (!fs::exists(data)) GTEST_SKIP() << "no " << data;
  const auto answer = [&](const char* network, const char* property) {
    const Outcome outcome = run(
        concat("verify ", (data / concat("ACASXU_run2a_", network, "_batch_2000.onnx")).string(),
               " --property ", (data / property).string(), " --json"));
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return Json::parse(outcome.out).at("answer").get<std::string>();
  };
  EXPECT_EQ(answer("1_1", "prop_3.vnnlib"), "holds");
  EXPECT_EQ(answer("2_1", "prop_2.vnnlib"), "violated");
}

}  // namespace
}  // namespace rectify::cli
