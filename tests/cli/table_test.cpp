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
            Json::parse(run("eval t --data csv:t.csv:y --json").out)["error"]);
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
