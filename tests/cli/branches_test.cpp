// Networks that are no chains, and those that come with the program, as a person meets them.

#include <gtest/gtest.h>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "tests/cli/program.h"

namespace rectify::cli {
namespace {

constexpr const char* data = "--data glyphs:train=600,test=200,difficulty=0";

class Branches : public testing::Test {
 protected:
  Outcome run(const std::string& arguments) { return run_program(folder_.path(), arguments); }
  std::string file(const std::string& name) { return read_file(folder_.path() / name); }
  TemporaryFolder folder_;
};

TEST_F(Branches, TrainToTheSameBytesOnOneAndTwoThreads) {
  const std::string model =
      "784 : dense 300 | residual(relu | dropout 0.2 | dense 300) | dense_block(dense 20 | tanh) | "
      "residual(dense 90 ; dense 90 bias=no) | gated(dense 8 | relu | dense 90 | sigmoid) | "
      "dense 10";
  for (const char* threads : {"1", "2"}) {
    const Outcome done = run(std::string("train ") + data + " --model '" + model +
                             "' --epochs 2 --lr 0.02 --out t" + threads + " --threads " + threads);
    ASSERT_EQ(done.code, 0) << done.err;
  }
  for (const char* name : {"/model.safetensors", "/best.safetensors", "/state.safetensors"})
    EXPECT_EQ(file(std::string("t1") + name), file(std::string("t2") + name)) << name;
  const Json trained = Json::parse(file("t1/results.json"));
  EXPECT_EQ(trained["model"], model);
  std::vector<std::string> watched;
  for (const Json& layer : trained["history"][0]["layers"])
    watched.push_back(layer["label"].get<std::string>());
  EXPECT_EQ(watched, (std::vector<std::string>{"relu1", "tanh1", "relu2", "sigmoid1"}));
  EXPECT_EQ(Json::parse(run("eval t1 --json").out)["error"], trained["test_error"]);
}

TEST_F(Branches, OfLinesTrainAndComeBackFromTheirFile) {
  const std::string model =
      "784 : %1 = dense %0 30 ; %2 = relu %1 ; %3 = tanh %1 ; %4 = concat %2 %3 ; %5 = dense %4 10";
  const Outcome done =
      run(std::string("train ") + data + " --model '" + model + "' --epochs 1 --out t");
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(Json::parse(run("inspect t --json").out)["model"], model);
}

TEST_F(Branches, AreSeenInATableOf80Columns) {
  const std::string model =
      "'784 : %1 = dense %0 8 ; %2 = relu %1 ; %3 = tanh %1 ; %4 = concat %3 %2 %1 %3 %2 %1 %2 %3 "
      "%1 %2 %3 ; %5 = dense %4 24 ; %6 = add %5 %5 ; %7 = dense %6 10'";
  const Outcome shown = run("inspect " + model);
  ASSERT_EQ(shown.code, 0) << shown.err;
  const auto lines = split(shown.out, '\n');
  for (std::size_t i = 1; i < lines.size(); ++i) EXPECT_LE(lines[i].size(), 80u) << lines[i];
  EXPECT_NE(shown.out.find("\n  <- dense1\n"), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find("\n  <- tanh1 relu1 dense1 "), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find("\n  <- dense2 dense2\n"), std::string::npos) << shown.out;
  const std::string chain = run("inspect '784 : dense 8 | relu | dense 10'").out;
  EXPECT_EQ(chain.find("<-"), std::string::npos) << chain;
  std::string deep = "8 : dense 8";  // longer than a file's name may be
  for (int i = 0; i < 40; ++i) deep += " | relu | dense 8";
  EXPECT_EQ(run("inspect '" + deep + "'").code, 0);
  const Json json = Json::parse(run("inspect '2 : residual(dense 2)' --json").out);
  EXPECT_EQ(json["layers"][2]["inputs"], (Json{"dense1", "input"}));
}

TEST_F(Branches, StandAmongTheNetworksThatComeWithTheProgram) {
  const Outcome listed = run("models");
  ASSERT_EQ(listed.code, 0) << listed.err;
  for (const std::string& line : split(listed.out, '\n')) EXPECT_LE(line.size(), 80u) << line;
  const Json models = Json::parse(run("models --json").out)["models"];
  for (const Json& model : models) {
    const auto name = model["name"].get<std::string>();
    EXPECT_NE(listed.out.find("\n" + name + " "), std::string::npos) << name;
    const Json inspected = Json::parse(run("inspect " + name + " --json").out);
    for (const char* key : {"model", "parameters", "forward_flops", "gradient_flops"})
      EXPECT_EQ(inspected[key], model[key]) << name;
  }
  const Outcome trained =
      run(std::string("train ") + data + " --model residual-mlp --epochs 1 --lr 0.02 --out t");
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_NE(file("t/results.json").find("784 : dense 256 | residual(relu"), std::string::npos);
  const Outcome wrong = run(std::string("train ") + data + " --model mpl-3");
  EXPECT_EQ(wrong.code, 1);
  EXPECT_NE(wrong.err.find("did you mean 'mlp-3'?"), std::string::npos) << wrong.err;
}

}  // namespace
}  // namespace rectify::cli
