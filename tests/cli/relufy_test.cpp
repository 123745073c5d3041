// rectify relufy: from a run with smooth activations to a file that everything else takes.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "tests/cli/program.h"
#include "tests/helpers.h"

namespace rectify::cli {
namespace {

class RelufyVerb : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(run("train --data moons --hidden 12,9 --activation gelu --epochs 3 --out r").code, 0);
  }
  Outcome run(const std::string& arguments) { return run_program(folder_.path(), arguments); }
  void refuses(const std::string& arguments, const std::string& part, int code = 1) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, code) << arguments;
    EXPECT_TRUE(contains(outcome.err, part)) << arguments << ": " << outcome.err;
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "no.safetensors"));
  }
  TemporaryFolder folder_;
};

TEST_F(RelufyVerb, WritesAModelThatEvalPredictAndExportTake) {
  const Outcome done = run("relufy r --out new.safetensors --zeros 0.6 --epochs 2 --json");
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(contains(done.err, "after each layer: 2 epochs of adamw at 9e-04")) << done.err;
  const Json json = Json::parse(done.out);
  EXPECT_EQ(json["model"].get<std::string>(), "2 : dense 12 | relu | dense 9 | relu | dense 2");
  EXPECT_EQ(json["epochs"], 2);
  ASSERT_EQ(json["layers"].size(), 2u);
  EXPECT_EQ(json["layers"][0]["label"].get<std::string>(), "gelu1");
  EXPECT_EQ(json["layers"][1]["now"].get<std::string>(), "relu2");
  EXPECT_EQ(json["layers"][0]["zeros_before"], 0);
  EXPECT_GT(json["layers"][0]["zeros_after"].get<double>(), 0.3);
  const Json before = Json::parse(run("eval r --json").out),
             after = Json::parse(run("eval new.safetensors --data moons --json").out);
  EXPECT_EQ(json["before"]["test_error"], before["error"]);
  EXPECT_EQ(json["after"]["test_error"], after["error"]);
  EXPECT_EQ(after["layers"][1]["label"].get<std::string>(), "relu2");
  EXPECT_EQ(run("predict new.safetensors --data moons --out p.csv").code, 0);
  EXPECT_EQ(run("export new.safetensors --out new.onnx").code, 0);
}

TEST_F(RelufyVerb, SaysInATableWhatBecameOfEachLayer) {
  const Outcome done = run("relufy r --out t.safetensors --shift 0.25 --layers gelu2 --epochs 1");
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(done.out.starts_with("layer  now    shift  zeros before  after")) << done.out;
  EXPECT_TRUE(contains(done.out, "\ngelu2  relu1  0.25   0.0 %  ")) << done.out;
  EXPECT_FALSE(contains(done.out, "gelu1")) << done.out;
  EXPECT_TRUE(contains(done.out, " on 1,000 test samples\nsaved t.safetensors\n")) << done.out;
  ASSERT_EQ(run("relufy t.safetensors --data moons --out o.onnx --activation relu_squared "
                "--epochs 1")
                .code,
            0);
  EXPECT_TRUE(contains(run("inspect o.onnx").out, "relu_squared"));
}

TEST_F(RelufyVerb, WritesTheSameBytesForAnyNumberOfThreads) {
  ASSERT_EQ(run("relufy r --out a.safetensors --threads 1 --epochs 2").code, 0);
  ASSERT_EQ(run("relufy r --out b.safetensors --threads 3 --epochs 2").code, 0);
  EXPECT_EQ(read_file(folder_.path() / "a.safetensors"),
            read_file(folder_.path() / "b.safetensors"));
}

TEST_F(RelufyVerb, RefusesWhatIsWrongBeforeItWritesAnything) {
  ASSERT_EQ(run("train --data moons --hidden 6 --activation relu --epochs 1 --out relus").code, 0);
  refuses("relufy relus --out no.safetensors",
          "no smooth activation before its answer, only relu1");
  EXPECT_FALSE(contains(run("relufy relus --out no.safetensors").err, "after each layer"));
  refuses("relufy nowhere --data moons --out no.safetensors", "no file or folder 'nowhere'");
  refuses("relufy r --data glyphs:train=100,test=10 --out no.safetensors", "class");
  refuses("relufy r --out no.txt", "ends in .safetensors or .onnx, not 'no.txt'");
  refuses("relufy r --activation tanh --out no.safetensors", "must be exactly 0 to the left");
  refuses("relufy r --shift much --out no.safetensors", "--shift wants a number or auto");
  refuses("relufy r --zeros 1 --out no.safetensors", "between 0 and 1, both left out, not 1");
  refuses("relufy r --epochs 0 --out no.safetensors", "epochs");
  refuses("relufy r --epochs 4294967297 --out no.safetensors",
          "--epochs must be 1 to 100000, not 4294967297");
  refuses("relufy r --epochs 1.5 --out no.safetensors", "--epochs wants a whole number or auto");
  refuses("relufy r --out nodir/x.safetensors", "there is no folder 'nodir'; give another file");
  refuses("relufy r --lr -1 --out no.safetensors", "lr must be above 0");
  refuses("relufy r --layers gelu9 --out no.safetensors", "there are: gelu1, gelu2");
  refuses("relufy r", "--out", 2);
  write_file(folder_.path() / "there.safetensors", "x");
  refuses("relufy r --out there.safetensors", "is there already; --force writes over it");
  EXPECT_EQ(read_file(folder_.path() / "there.safetensors"), "x");
}

}  // namespace
}  // namespace rectify::cli
