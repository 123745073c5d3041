// rectify lab, as a person runs it.

#include <gtest/gtest.h>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "tests/cli/program.h"
#include "tests/helpers.h"

namespace rectify::cli {
namespace {

class Lab : public testing::Test {
 protected:
  Outcome run(const std::string& arguments) {
    return run_program(folder_.path(), "lab " + arguments);
  }
  TemporaryFolder folder_;
};

TEST_F(Lab, ListsItsClaims) {
  const Outcome text = run("list");
  EXPECT_EQ(text.code, 0) << text.err;
  for (const char* id : {"anchors", "mlp-mnist", "dead-lr", "sparsity-l1", "ffn"})
    EXPECT_TRUE(contains(text.out, id)) << id;
  for (const std::string& line : split(text.out, '\n')) EXPECT_LE(line.size(), 80u) << line;
  EXPECT_NE(run("list --full").out, text.out);
  const Json json = Json::parse(run("list --json").out);
  EXPECT_GE(json.at("claims").size(), 39u);
}

TEST_F(Lab, RunsExactClaimsAndLeavesTheirPages) {
  const Outcome done = run("run anchors exercises --json --quiet --threads 1");
  EXPECT_EQ(done.code, 0) << done.err;
  const Json json = Json::parse(done.out);
  ASSERT_EQ(json.at("results").size(), 2u);
  for (const Json& result : json.at("results"))
    EXPECT_EQ(result.at("verdict").at("article").get<std::string>(), "holds");
  const auto out = folder_.path() / "rectify-lab";
  for (const char* file : {"index.html", "anchors.html", "exercises.html", "anchors/result.json"})
    EXPECT_TRUE(std::filesystem::exists(out / file)) << file;
  const Outcome report = run("report --page lab.md");
  EXPECT_EQ(report.code, 0) << report.err;
  EXPECT_TRUE(contains(read_file(folder_.path() / "lab.md"), "| [`anchors`](#anchors) |"));
}

TEST_F(Lab, GoesOnAfterAClaimThatCannotBeMeasuredAndListsItAtTheEnd) {
  const Outcome done = run("run anchors verify-acas stepped --seeds 1 --quiet --threads 1");
  EXPECT_EQ(done.code, 0) << done.err;
  const std::size_t overview = done.out.find("all 3 claims:");
  ASSERT_NE(overview, std::string::npos) << done.out;
  const std::string end = done.out.substr(overview);
  EXPECT_TRUE(contains(end, "anchors      article: holds")) << end;
  EXPECT_TRUE(contains(end, "verify-acas  left out: ")) << end;
  EXPECT_LT(end.find("stepped"), end.find("verify-acas"));
  for (const std::string& line : split(end, '\n')) EXPECT_LE(line.size(), 80u) << line;
  const Outcome json = run("run anchors verify-acas --json --quiet --threads 1");
  EXPECT_EQ(Json::parse(json.out).at("left_out").size(), 1u);
}

TEST_F(Lab, TellsByTheExitCodeOfAClaimThatDoesNotHoldIfAsked) {
  folder_.write(
      "wrong.toml",
      "title = 'T'\nclaim = 'C'\nby = 'E'\nmeasure = 'anchors'\n"
      "[options]\npoints = [1]\nweights = [1, 1]\n[[claims]]\ntext = 'a'\nmeasured = 'value_1'\n"
      "article = {by = 'E', near = 2, within = 0}\n");
  EXPECT_EQ(run("run wrong.toml --quiet").code, 0);
  EXPECT_EQ(run("run wrong.toml --quiet --fail").code, 4);
  EXPECT_EQ(run("run anchors --quiet --fail").code, 0);
}

TEST_F(Lab, RunsARecipeOfOnesOwnAsTheDocumentHasIt) {
  const std::string page =
      read_file(std::filesystem::path(RECTIFY_SOURCE_DIR) / "docs/adding-a-claim.md");
  const std::size_t begin = page.find("    title = \"Wide"), end = page.find("## What is measured");
  ASSERT_NE(begin, std::string::npos);
  folder_.write("my.toml", page.substr(begin, end - begin));
  const Outcome done = run("run my.toml --seeds 2 --out mine --quiet --threads 1");
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(contains(done.out, "2 units less 16")) << done.out;
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "mine" / "my.html"));
}

TEST_F(Lab, MakesTheDocumentOfTheResultsThatLieBesideIt) {
  const std::filesystem::path docs = std::filesystem::path(RECTIFY_SOURCE_DIR) / "docs";
  std::filesystem::copy(docs / "lab", folder_.path() / "lab",
                        std::filesystem::copy_options::recursive);
  const Outcome done = run("report --out lab --page lab.md");
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(read_file(folder_.path() / "lab.md") == read_file(docs / "lab.md"))
      << "run: build/bin/rectify lab report --out docs/lab --page docs/lab.md";
}

TEST_F(Lab, ReportsWhatCanBeReadAndWarnsOfTheRest) {
  EXPECT_EQ(run("run anchors --quiet").code, 0);
  const auto out = folder_.path() / "rectify-lab";
  std::filesystem::create_directories(out / "exercises");
  write_file(out / "exercises" / "result.json", "{}");
  const Outcome some = run("report --json");
  EXPECT_EQ(some.code, 0);
  EXPECT_TRUE(contains(some.err, "rectify-lab/exercises/result.json' is left out")) << some.err;
  EXPECT_EQ(Json::parse(some.out).at("claims").get<int>(), 1);
  EXPECT_EQ(Json::parse(some.out).at("left_out").size(), 1u);
  const Outcome more = run("run stepped --seeds 1 --quiet --threads 1");
  EXPECT_EQ(more.code, 0) << more.err;
  EXPECT_TRUE(contains(more.err, "exercises/result.json")) << more.err;
  EXPECT_TRUE(std::filesystem::exists(out / "stepped.html"));
  for (const char* id : {"anchors", "stepped"}) write_file(out / id / "result.json", "");
  const Outcome none = run("report");
  EXPECT_EQ(none.code, 1);
  EXPECT_TRUE(contains(none.err, "has no results of the lab that can be read")) << none.err;
}

TEST_F(Lab, MeasuresOnceWhatTwoProcessesAskFor) {
  const std::string recipe =
      folder_.write("both.toml",
                    "title = 'T'\nclaim = 'C'\nby = 'E'\nmeasure = 'train'\ndata = 'moons'\n"
                    "[options]\nmodel = '2 : dense 16 | relu | dense 2'\ntrain = {epochs = 3}\n"
                    "search = {lr = true}\n[quick]\nseeds = 3\n[[claims]]\ntext = 'a'\n"
                    "measured = 'test_error'\narticle = {by = 'E', above = 0}\n");
  const auto out = folder_.path() / "out";
  const std::string arguments = "lab run " + recipe + " --quiet --threads 1 --out " + out.string();
  for (const char* place : {"a", "b"}) std::filesystem::create_directories(folder_.path() / place);
  Process first(folder_.path() / "a", arguments), second(folder_.path() / "b", arguments);
  EXPECT_EQ(first.wait(), 0) << read_file(folder_.path() / "a" / ".err");
  EXPECT_EQ(second.wait(), 0) << read_file(folder_.path() / "b" / ".err");
  std::size_t pieces = 0;
  for (const auto& entry : std::filesystem::directory_iterator(out / "cells"))
    pieces += entry.path().extension() == ".json" ? 1 : 100;
  EXPECT_EQ(pieces, 4u) << "a search and three seeds";
  EXPECT_TRUE(std::filesystem::exists(out / "both.html"));
}

TEST_F(Lab, SaysWhatIsWrong) {
  EXPECT_TRUE(contains(run("run ancors").err, "did you mean 'anchors'?"));
  EXPECT_EQ(run("run anchors --quick --full").code, 1);
  EXPECT_EQ(run("run anchors --seeds=-1").code, 1);
  const Outcome none = run("run speed-converge-conv --data-dir nowhere");
  EXPECT_EQ(none.code, 1);
  EXPECT_TRUE(contains(none.err, "rectify data fetch cifar10 --out nowhere/cifar10")) << none.err;
  EXPECT_TRUE(contains(run("report --out nowhere").err, "has no results of the lab"));
}

}  // namespace
}  // namespace rectify::cli
