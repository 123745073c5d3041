// rectify heal: from a run with dead units to a file that trains on.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/model/file.h"
#include "tests/cli/program.h"
#include "tests/helpers.h"

namespace rectify::cli {
namespace {

class Heal : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(run("train --data moons --hidden 12,9 --activation relu --epochs 3 --out r").code, 0);
    kill();
  }
  Outcome run(const std::string& arguments) { return run_program(folder_.path(), arguments); }
  void refuses(const std::string& arguments, const std::string& part, int code = 1) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, code) << arguments;
    EXPECT_TRUE(contains(outcome.err, part)) << arguments << ": " << outcome.err;
    EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1) << outcome.err;
    EXPECT_FALSE(exists("no.safetensors"));
  }
  bool exists(const std::string& name) { return std::filesystem::exists(folder_.path() / name); }

  /// Four units of the first hidden layer never fire again.
  void kill() {
    const auto path = folder_.path() / "r/best.safetensors";
    model::Model model = model::load_model(path);
    const auto& bias = model.layout.slot_of(model.graph.find("dense1.bias"));
    for (const int unit : {1, 4, 5, 11}) model.parameters.data()[bias.offset + unit] = -1e3f;
    model::save(path, model::to_file(model));
  }
  TemporaryFolder folder_;
};

TEST_F(Heal, RevivesUnitsSaysWhatItCostAndHowToTrainOn) {
  const Outcome done = run("heal r --out new.safetensors");
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(contains(done.out,
                       "merge: units that give the same become one, with the sum of "
                       "their outgoing\n    weights\n  nothing to mend\n"))
      << done.out;
  EXPECT_TRUE(contains(done.out,
                       "  relu1: 4 of 12 units never fired on 2,000 samples (they fire "
                       "on at most 0.15\n    %, at 95 % confidence; 4 proven never to); "
                       "they fire on 50.0 % now\n"))
      << done.out;
  EXPECT_TRUE(contains(done.out,
                       "  answers: the same bits on 2,000 training samples, the same bits "
                       "on 1,000\n    test samples\n"));
  EXPECT_LE(longest_line(done.out.substr(0, done.out.find("to train on: "))), 80u) << done.out;
  const std::string command =
      "rectify train --config r/config.toml --model '2 : dense 12 | relu | dense 9 | relu | dense "
      "2' --weights new.safetensors --out healed-run\n";
  ASSERT_TRUE(contains(done.out, "saved new.safetensors\nto train on: " + command)) << done.out;
  const Outcome before = run("eval r --json"),
                after = run("eval new.safetensors --data moons --json");
  EXPECT_EQ(Json::parse(before.out)["error"], Json::parse(after.out)["error"]);
  EXPECT_EQ(Json::parse(before.out)["layers"][0]["dead_units"], 4 / 12.0);
  EXPECT_EQ(Json::parse(after.out)["layers"][0]["dead_units"], 0);
  const Outcome trained = run(command.substr(8, command.size() - 9));
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_FALSE(contains(trained.err, "starts as drawn"));
  EXPECT_TRUE(exists("healed-run/best.safetensors"));
}

TEST_F(Heal, TrainsOnFromAnotherNetworkThanTheConfigs) {
  ASSERT_EQ(run("train --data moons --hidden 6 --activation gelu --epochs 2 --out g").code, 0);
  const Outcome done = run("heal g --mend rescale --out g.safetensors");
  const std::size_t at = done.out.find("rectify train");
  ASSERT_NE(at, std::string::npos) << done.out;
  EXPECT_TRUE(contains(done.out, "a factor does not pass through gelu"));
  EXPECT_EQ(run(done.out.substr(at + 8, done.out.size() - at - 9)).code, 0);
  const Outcome swapped = run("heal r --mend prelu,remove --out p.safetensors --json");
  ASSERT_EQ(swapped.code, 0) << swapped.err;
  const Json json = Json::parse(swapped.out);
  EXPECT_EQ(json["model"].get<std::string>(),
            "2 : dense 8 | prelu a=0 | dense 9 | prelu a=0 | dense 2");
  EXPECT_EQ(json["mends"][0]["mend"].get<std::string>(), "remove");
  EXPECT_EQ(json["mends"][0]["layers"][0]["mended"].size(), 4u);
  EXPECT_EQ(json["test_answers"]["changed"], 0);
  EXPECT_EQ(json["before"]["parameters"], 12 * 3 + 13 * 9 + 20);
  EXPECT_EQ(json["after"]["parameters"], 8 * 3 + 9 * 9 + 20 + 8 + 9);
  EXPECT_EQ(json["before"]["error"], json["after"]["error"]);
  std::string command = json["train"].get<std::string>().substr(8);
  command.replace(command.find("healed-run"), 10, "opened");
  ASSERT_EQ(run(command).code, 0);
  const model::Model opened = model::load_model(folder_.path() / "opened/best.safetensors");
  const auto& slopes = opened.layout.slot_of(opened.graph.find("prelu2.a"));
  EXPECT_NE(opened.parameters.data()[slopes.offset], 0) << "training moves the slopes";
}

TEST_F(Heal, TrainsOnFromARunThatAPretrainingBegan) {
  const std::string data = "--data glyphs:train=200,test=50 ";
  ASSERT_EQ(run("pretrain " + data + "--stack 'rbm 8 nrelu' --epochs 1 --out pre").code, 0);
  ASSERT_EQ(run("train " + data + "--init pre --epochs 1 --out fine").code, 0);
  const Outcome done = run("heal fine --out fine.safetensors");
  ASSERT_EQ(done.code, 0) << done.err;
  const std::size_t at = done.out.find("rectify train");
  ASSERT_NE(at, std::string::npos) << done.out;
  EXPECT_TRUE(contains(done.out, " --init auto ")) << done.out;
  const Outcome trained = run(done.out.substr(at + 8, done.out.size() - at - 9));
  EXPECT_EQ(trained.code, 0) << trained.err;
}

TEST_F(Heal, SaysHowTheWeightsKnowTheSamples) {
  ASSERT_EQ(run("train --data moons --hidden 6 --normalise range --epochs 2 --out g").code, 0);
  const Outcome done = run("heal g/best.safetensors --data moons --out g.safetensors");
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(contains(done.out, "--weights g.safetensors --normalise range --out healed-run\n"))
      << done.out;
}

TEST_F(Heal, WeightsBringTheirScaling) {
  ASSERT_EQ(run("train --data moons --hidden 6 --normalise range --epochs 2 --out g").code, 0);
  const auto normalised = [&](const std::string& more, const std::string& out) {
    const Outcome trained =
        run("train --data moons --hidden 6 --epochs 1 --lr 1e-9 --weights "
            "g/model.safetensors --out " +
            out + more);
    EXPECT_EQ(trained.code, 0) << trained.err;
    const Json results = Json::parse(read_file(folder_.path() / out / "results.json"));
    return std::pair(results["config"]["normalise"].get<std::string>(), trained.err);
  };
  const auto [taken, said] = normalised("", "on");
  EXPECT_EQ(taken, "range");
  EXPECT_TRUE(contains(said, "scaled as the weights of 'g/model.safetensors' know them")) << said;
  EXPECT_EQ(Json::parse(run("eval on --last --json").out)["error"],
            Json::parse(run("eval g --last --json").out)["error"]);
  const auto [own, warned] = normalised(" --normalise none", "off");
  EXPECT_EQ(own, "none");
  EXPECT_TRUE(contains(warned, "; nearer comes --normalise range")) << warned;
}

TEST_F(Heal, ReadsAndWritesOnnx) {
  ASSERT_EQ(run("export r --out r.onnx").code, 0);
  const Outcome done = run("heal r.onnx --data moons --out new.onnx");
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(contains(done.out, "to train on: rectify train --data moons --model "));
  const Json after = Json::parse(run("eval new.onnx --data moons --json").out);
  EXPECT_EQ(after["layers"][0]["dead_units"], 0);
  EXPECT_EQ(after["error"], Json::parse(run("eval r --json").out)["error"]);
}

TEST_F(Heal, WritesTheFileWhereThereIsNothingToMend) {
  const Outcome done = run("heal r --mend merge --out same.safetensors --quiet");
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(contains(done.out, "nothing to mend"));
  EXPECT_EQ(read_file(folder_.path() / "same.safetensors"),
            read_file(folder_.path() / "r/best.safetensors"));
}

TEST_F(Heal, RefusesWhatIsWrongBeforeItWritesAnything) {
  refuses("heal nowhere --data moons --out no.safetensors", "there is no file or folder 'nowhere'");
  refuses("heal r/best.safetensors --out no.safetensors", "give --data SPEC");
  refuses("heal r --data glyphs:train=100,test=10 --out no.safetensors", "class");
  refuses("heal r --data moons --out no.txt", "ends in .safetensors or .onnx, not 'no.txt'");
  refuses("heal r --data moons --mend revife --out no.safetensors",
          "there is no mend 'revife'; did you mean 'revive'?");
  refuses("heal r --bounds 3 --out no.safetensors", "such as 0,255, not '3'");
  refuses("heal r --bounds 3,2 --out no.safetensors", "such as 0,255, not '3,2'");
  refuses("heal r --samples 0 --out no.safetensors", "--samples must be 1 or more, not 0");
  refuses("heal r --out nodir/x.safetensors", "'nodir/x.safetensors': there is no folder 'nodir'");
  std::filesystem::create_directory(folder_.path() / "d.onnx");
  refuses("heal r --out d.onnx --force", "cannot write 'd.onnx': it is a directory");
  refuses("heal r", "--out", 2);
  write_file(folder_.path() / "there.safetensors", "x");
  refuses("heal r --out there.safetensors", "is there already; --force writes over it");
  EXPECT_EQ(run("heal r --out there.safetensors --force").code, 0);
}

}  // namespace
}  // namespace rectify::cli
