// rectify preflight, rectify diagnose and the warnings of rectify train, as a person uses them.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "tests/cli/program.h"
#include "tests/helpers.h"

namespace rectify::cli {
namespace {

namespace fs = std::filesystem;

const std::string small = "--data glyphs:train=800,test=200 --hidden 32,32 --batch 32 ";

/// A folder with the run `bad`, whose rate is far too high.
class Diagnose : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    const Outcome run = run_program(
        folder_->path(), "train " + small + "--optimizer adam --lr 0.5 --epochs 4 --out bad");
    ASSERT_EQ(run.code, 0) << run.err;
    warnings_ = new std::string(run.err);
  }
  static void TearDownTestSuite() {
    delete folder_;
    delete warnings_;
  }
  static Outcome run(const std::string& arguments) {
    return run_program(folder_->path(), arguments);
  }
  static const fs::path& folder() { return folder_->path(); }

  static TemporaryFolder* folder_;
  static std::string* warnings_;
};
TemporaryFolder* Diagnose::folder_ = nullptr;
std::string* Diagnose::warnings_ = nullptr;

TEST_F(Diagnose, NamesTheCauseBeforeItsSymptoms) {
  const Outcome outcome = run("diagnose bad --json");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out);
  ASSERT_GE(json.at("findings").size(), 2u);
  const Json& first = json.at("findings").at(0);
  EXPECT_EQ(first.at("cause").get<std::string>(), "rate_too_high");
  EXPECT_EQ(first.at("severity").get<std::string>(), "fault");
  EXPECT_EQ(first.at("changes").at(0).at("flag").get<std::string>(), "--lr");
  EXPECT_EQ(json.at("findings").at(1).at("explained_by").get<std::string>(), "rate_too_high");
  EXPECT_EQ(json.at("end").at("layers").at(0).at("units").size(), 32u);
}

TEST_F(Diagnose, FitsIntoEightyColumns) {
  const Outcome outcome = run("diagnose bad");
  for (const std::string& line : split(outcome.out, '\n')) EXPECT_LE(line.size(), 80u) << line;
  EXPECT_TRUE(contains(outcome.out, "fault: The learning rate is too high")) << outcome.out;
}

TEST_F(Diagnose, FailsOnlyWhenAsked) {
  EXPECT_EQ(run("diagnose bad").code, 0);
  EXPECT_EQ(run("diagnose bad --fail").code, 4);
}

TEST_F(Diagnose, WritesTheChangeAndProvesIt) {
  const Outcome applied = run("diagnose bad --apply mended --prove --seeds 2");
  ASSERT_EQ(applied.code, 0) << applied.err;
  EXPECT_TRUE(contains(applied.err, "against rate_too_high: --lr ")) << applied.err;
  EXPECT_TRUE(contains(applied.err, "test error as changed: ")) << applied.err;
  const Outcome mended = run("train --config mended/config.toml --out mended/run --json --quiet");
  ASSERT_EQ(mended.code, 0) << mended.err;
  EXPECT_LT(Json::parse(mended.out).at("test_error").get<double>(), 0.3);
  EXPECT_EQ(run("diagnose mended/run --fail").code, 0);
}

TEST_F(Diagnose, LooksAtAModelsFile) {
  const Outcome outcome =
      run("diagnose bad/model.safetensors --data glyphs:train=800,test=200 --json");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out);
  EXPECT_FALSE(json.contains("rate_test"));
  EXPECT_EQ(json.at("end").at("inputs").get<int>(), 200);
}

TEST_F(Diagnose, TellsWhatIsWrongWithTheCommand) {
  const auto error = [&](const std::string& arguments) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, 1) << arguments;
    EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1) << outcome.err;
    return outcome.err;
  };
  EXPECT_TRUE(contains(error("diagnose nowhere"), "nowhere"));
  EXPECT_TRUE(contains(error("diagnose bad/model.safetensors"), "give --data SPEC"));
  EXPECT_TRUE(contains(error("diagnose bad --split train"), "--split is for a model's file"));
  EXPECT_TRUE(contains(error("diagnose bad --prove --seeds 0"), "--seeds must be 1 to 100, not 0"));
  EXPECT_TRUE(
      contains(error("preflight --data glyphs --lr 0.1 --model '784 : dense 9'"), "10 classes"));
}

TEST_F(Diagnose, TakesNoFlagsThatItDoesNotRead) {
  EXPECT_EQ(run("diagnose bad --views flip").code, 2);
  EXPECT_EQ(run("diagnose bad --last").code, 2);
}

TEST_F(Diagnose, SaysThatAPretrainingGivesNoAnswers) {
  const std::string data = "--data glyphs:train=100,test=10 ";
  const Outcome made = run("pretrain " + data + "--stack 'rbm 8' --epochs 1 --out pre");
  ASSERT_EQ(made.code, 0) << made.err;
  const Outcome outcome = run("diagnose pre");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(contains(outcome.err, "'pre' holds a pretraining")) << outcome.err;
  EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1) << outcome.err;
}

TEST_F(Diagnose, FindsNothingWrongWithANetworkThatMakesNoError) {
  std::string table = "a,y\n";  // a tenth of the rows are far away; 24 rows are held out
  for (int i = 0; i < 300; ++i)
    table += concat(i % 10 == 0 ? 50 + i % 7 : i % 7, ",", i % 10 == 0 ? "far" : "near", "\n");
  write_file(folder() / "far.csv", table);
  const Outcome made = run("train --data csv:far.csv:y --hidden 8 --epochs 20 --out far");
  ASSERT_EQ(made.code, 0) << made.err;
  const Outcome outcome = run("diagnose far --json --fail");
  EXPECT_EQ(outcome.code, 0) << outcome.out;
  const Json json = Json::parse(outcome.out);
  EXPECT_EQ(json.at("outcome").at("error").get<double>(), 0);
  for (std::size_t i = 0; i < json.at("findings").size(); ++i)
    EXPECT_NE(json.at("findings").at(i).at("cause").get<std::string>(), "not_learning");
}

TEST_F(Diagnose, PreflightKeepsTheOptimizerThatItsRateIsFor) {
  const Outcome outcome =
      run("preflight --data glyphs:train=3000,test=100 --hidden 64,64,64,64 --activation "
          "relu_squared --json --out rates");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json first = Json::parse(outcome.out).at("findings").at(0);
  ASSERT_EQ(first.at("changes").at(0).at("flag").get<std::string>(), "--lr") << outcome.out;
  EXPECT_EQ(first.at("changes").at(1).at("flag").get<std::string>(), "--optimizer");
  EXPECT_EQ(first.at("changes").at(1).at("value").get<std::string>(), "adamw");
  const std::string rate = first.at("changes").at(0).at("value").get<std::string>();
  const std::string page = read_file(folder() / "rates/diagnosis.html");
  const std::size_t at = page.find("rectify train --hidden 64,64,64,64");
  ASSERT_NE(at, std::string::npos);
  const std::string command = page.substr(at, page.find('<', at) - at);
  EXPECT_TRUE(contains(command, "--lr " + rate)) << command;
  EXPECT_TRUE(contains(command, "--optimizer adamw")) << command;
  EXPECT_TRUE(contains(command, "--batch 32")) << command;
}

TEST_F(Diagnose, AppliesToRunsAlone) {
  const Outcome outcome =
      run("diagnose bad/model.safetensors --data glyphs:train=800,test=200 --apply x");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(contains(outcome.err, "give a run's folder, not a model's file")) << outcome.err;
  EXPECT_FALSE(fs::exists(folder() / "x"));
}

TEST_F(Diagnose, TrainWarnsOnceOfACauseAndKeepsIt) {
  EXPECT_TRUE(contains(*warnings_, "rectify: warning: epoch ")) << *warnings_;
  const std::string events = read_file(folder() / "bad/events.jsonl");
  std::vector<std::string> causes;
  for (const std::string& line : split(events, '\n'))
    if (!line.empty()) causes.push_back(Json::parse(line).at("cause").get<std::string>());
  std::ranges::sort(causes);
  EXPECT_EQ(std::ranges::adjacent_find(causes), causes.end()) << events;
  EXPECT_TRUE(contains(events, "\"kind\":\"warning\"")) << events;
  EXPECT_TRUE(contains(read_file(folder() / "bad/report.html"), "What happened"));
}

TEST_F(Diagnose, TrainStopsOnAFault) {
  const Outcome outcome =
      run("train " + small + "--optimizer adam --lr 5 --epochs 40 --out stopped --stop-on fault");
  EXPECT_EQ(outcome.code, 4);
  EXPECT_TRUE(contains(outcome.err, "'rectify diagnose stopped' looks closer")) << outcome.err;
  EXPECT_TRUE(fs::exists(folder() / "stopped/report.html"));
  EXPECT_LT(split(read_file(folder() / "stopped/history.jsonl"), '\n').size(), 20u);
}

TEST_F(Diagnose, KnowsWhatBrokeARun) {
  EXPECT_EQ(run("train " + small + "--lr 1e9 --optimizer sgd --epochs 2 --out broken").code, 3);
  const Json json = Json::parse(run("diagnose broken --json").out);
  EXPECT_EQ(json.at("findings").at(0).at("cause").get<std::string>(), "rate_too_high");
}

TEST_F(Diagnose, PreflightFindsNothingWrongWithTheUsual) {
  const Outcome outcome =
      run("preflight --data glyphs:train=1500,test=200 --hidden 64,64 --lr 0.05 --fail");
  EXPECT_EQ(outcome.code, 0) << outcome.out;
  EXPECT_FALSE(contains(outcome.out, "warning:")) << outcome.out;
}

TEST_F(Diagnose, DocumentHasTheRulesOfTheProgram) {
  const std::string rules = run("preflight --rules").out;
  EXPECT_TRUE(contains(read_file(fs::path(RECTIFY_SOURCE_DIR) / "docs/diagnosis.md"), rules))
      << "python3 bench/diagnosis_document.py writes docs/diagnosis.md";
}

}  // namespace
}  // namespace rectify::cli
