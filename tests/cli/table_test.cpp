// A table of somebody's own: columns of very different ranges, a constant one, a target far from 0.

#include <gtest/gtest.h>

#include <cmath>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "tests/cli/program.h"

namespace rectify::cli {
namespace {

/// y = 1000 + 40 sin(small) + large / 1000, with small in 0 to 3 and large in 0 to 50000.
std::string table(const std::string& head, bool swapped = false) {
  std::string text = head + "\n";
  for (int i = 0; i < 400; ++i) {
    const double small = i * 37 % 400 / 133.0, large = i * 91 % 400 * 125.0;
    const double y = 1000.5 + 40 * std::sin(small) + large / 1000;
    text += swapped ? concat(large, ",7,", small, ",", y, "\n")
                    : concat(small, ",7,", large, ",", y, "\n");
  }
  return text;
}

class Table : public testing::Test {
 protected:
  Outcome run(const std::string& arguments) { return run_program(folder_.path(), arguments); }
  void train(const std::string& more = {}) {
    write_file(folder_.path() / "t.csv", table("small,same,large,y"));
    trained_ = run(
        "train --data csv:t.csv:y --hidden 32 --epochs 60 --batch 16 --lr 0.05 --out t " + more);
    ASSERT_EQ(trained_.code, 0) << trained_.err;
  }
  TemporaryFolder folder_;
  Outcome trained_;
};

TEST_F(Table, IsLearntWhateverTheRangesOfItsColumns) {
  train();
  EXPECT_NE(trained_.err.find("a column has one value in all training samples and is taken as 0: "
                              "'same'"),
            std::string::npos)
      << trained_.err;
  const Json results = Json::parse(read_file(folder_.path() / "t/results.json"));
  // The target's deviation is about 20: an error of 2 is out of reach for who sees one column.
  EXPECT_LT(results["test_error"].get<double>(), 2);
  EXPECT_EQ(Json::parse(run("eval t --json").out)["error"], results["test_error"]);
}

TEST_F(Table, IsAnsweredInTheUnitsOfItsTarget) {
  train();
  const Json answers = Json::parse(run("predict t --count 20 --json").out)["predictions"];
  for (const Json& answer : answers) {
    EXPECT_GT(answer["outputs"][0].get<double>(), 980);
    EXPECT_LT(answer["outputs"][0].get<double>(), 1110);
  }
}

TEST_F(Table, HasItsScalingReported) {
  train();
  const std::string text = run("inspect t").out;
  for (const char* name : {"small", "same", "large", "constant", "target 0"})
    EXPECT_NE(text.find(name), std::string::npos) << text;
  const Json json = Json::parse(run("inspect t --json").out);
  EXPECT_EQ(json["columns"][1]["mean"], 7);
  EXPECT_EQ(json["columns"][1]["deviation"], 0);
  EXPECT_NEAR(json["columns"][2]["mean"].get<double>(), 24937, 1500);
  EXPECT_NEAR(json["targets"][0]["mean"].get<double>(), 1050, 10);
}

TEST_F(Table, WithItsColumnsInAnotherOrderIsReadByTheirNames) {
  train();
  write_file(folder_.path() / "swapped.csv", table("large,same,small,y", true));
  EXPECT_EQ(Json::parse(run("eval t --data csv:swapped.csv:y --json").out)["error"],
            Json::parse(run("eval t --data csv:t.csv:y --split all --json").out)["error"]);
}

TEST_F(Table, IsMeasuredWholeWhereTheRunWasTrainedOnAnother) {
  train();
  const auto samples = [&](const std::string& more) {
    return Json::parse(run("eval t --json " + more).out)["samples"].get<int>();
  };
  write_file(folder_.path() / "new.csv", table("small,same,large,y"));
  EXPECT_EQ(samples(""), 80);
  EXPECT_EQ(samples("--data csv:t.csv:3"), 80);
  EXPECT_EQ(samples("--data csv:new.csv:y"), 400);
  EXPECT_EQ(samples("--data new.csv"), 400);  // the model knows where its labels are
  EXPECT_EQ(samples("--data csv:new.csv:y,test=t.csv"), 400);
  EXPECT_NE(run("eval t --data new.csv").err.find("all samples are measured"), std::string::npos);
}

TEST_F(Table, IsComparedOverEnoughSteps) {
  write_file(folder_.path() / "t.csv", table("small,same,large,y"));
  const std::string asked = "compare --data csv:t.csv:y --hidden 4 --seeds 2 --lr 0.01 ";
  const Outcome few = run(asked + "--activations relu,tanh --epochs 2 --keep best --out c --json");
  EXPECT_NE(few.err.find("for 320 rows of numbers, where you chose nothing else: --batch 32\n"),
            std::string::npos)
      << few.err;
  EXPECT_NE(read_file(folder_.path() / "c/config.toml").find("batch = 32"), std::string::npos);
  EXPECT_NE(Json::parse(few.out)["verdict"].get<std::string>().find("too few for a verdict"),
            std::string::npos);
  EXPECT_EQ(Json::parse(run("eval c --json").out)["samples"], 80);
  const Outcome enough = run(asked + "--activations relu --batch 320 --out e");
  EXPECT_NE(enough.err.find("--epochs 200"), std::string::npos) << enough.err;
}

TEST_F(Table, OfAnyNameIsFoundAgainByTheConfig) {
  write_file(folder_.path() / "it's #1.csv", table("small,same,large,y"));
  const std::string quick = " --hidden 4 --epochs 1 --quiet --out ";
  ASSERT_EQ(run("train --data \"csv:it's #1.csv:y\"" + quick + "a").code, 0);
  const Outcome again = run("train --config a/config.toml --quiet --out b");
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(read_file(folder_.path() / "a/config.toml"),
            read_file(folder_.path() / "b/config.toml"));
}

TEST_F(Table, IsResumedToTheSameBytes) {
  train();
  Process process(folder_.path(),
                  "train --data csv:t.csv:y --hidden 32 --epochs 60 --batch 16 --lr 0.05 --out p");
  process.wait_for_file("p/history.jsonl", 5);
  process.send(9);
  process.wait();
  ASSERT_EQ(run("resume p").code, 0);
  EXPECT_TRUE(read_file(folder_.path() / "t/model.safetensors") ==
              read_file(folder_.path() / "p/model.safetensors"));
}

}  // namespace
}  // namespace rectify::cli
