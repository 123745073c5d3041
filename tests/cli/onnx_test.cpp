// ONNX files as a person meets them: written, read back, used by every verb, and refused.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "tests/cli/program.h"

namespace rectify::cli {
namespace {

class OnnxFiles : public testing::Test {
 protected:
  Outcome run(const std::string& arguments) { return run_program(folder_.path(), arguments); }
  void expect_error(const std::string& arguments, const std::string& part) {
    const Outcome wrong = run(arguments);
    EXPECT_EQ(wrong.code, 1) << arguments;
    EXPECT_TRUE(wrong.err.starts_with("rectify: error: ")) << wrong.err;
    EXPECT_EQ(std::ranges::count(wrong.err, '\n'), 1) << wrong.err;
    EXPECT_NE(wrong.err.find(part), std::string::npos) << wrong.err;
  }
  TemporaryFolder folder_;
};

TEST_F(OnnxFiles, GiveWhatTheRunGives) {
  const std::string data = "glyphs:train=300,test=100,difficulty=0";
  const Outcome trained =
      run("train --data " + data +
          " --model '28x28x1 : conv 4 3x3 stride=2 | batch_norm | silu | max_pool 2 | flatten | "
          "dropout 0.2 | dense 10' --epochs 1 --out run");
  ASSERT_EQ(trained.code, 0) << trained.err;
  const Outcome written = run("export run --out net.onnx");
  ASSERT_EQ(written.code, 0) << written.err;
  EXPECT_NE(written.out.find("net.onnx: ONNX operator set 17"), std::string::npos) << written.out;
  const Outcome read = run("import net.onnx --out back.safetensors --json");
  ASSERT_EQ(read.code, 0) << read.err;
  EXPECT_EQ(Json::parse(read.out)["model"], Json::parse(run("inspect run --json").out)["model"]);
  const Json want = Json::parse(run("eval run --json").out);
  for (const char* model : {"net.onnx", "back.safetensors"}) {
    const Json got =
        Json::parse(run(std::string("eval ") + model + " --data " + data + " --json").out);
    EXPECT_EQ(got["error"], want["error"]) << model;
    EXPECT_NEAR(got["loss"].get<double>(), want["loss"].get<double>(), 1e-5) << model;
    EXPECT_EQ(run(std::string("inspect ") + model).code, 0) << model;
    EXPECT_EQ(run(std::string("predict ") + model + " --count 3 --data " + data).code, 0) << model;
  }
  EXPECT_EQ(run("bench --profile net.onnx --inference --batch 4").code, 0);
}

TEST_F(OnnxFiles, AnswerInTheUnitsOfATable) {
  std::string table = "a,same,y\n";
  for (int i = 0; i < 400; ++i)
    table += std::to_string(i) + ",7," + std::to_string(1000 + 3 * i) + ".5" + "\n";
  write_file(folder_.path() / "t.csv", table);
  ASSERT_EQ(run("train --data csv:t.csv:y --hidden 8 --epochs 2 --batch 16 --out t").code, 0);
  ASSERT_EQ(run("export t --out t.onnx").code, 0);
  const Json want = Json::parse(run("predict t --count 5 --json").out)["predictions"];
  const Outcome answered = run("predict t.onnx --data csv:t.csv:y --split test --count 5 --json");
  ASSERT_EQ(answered.code, 0) << answered.err;
  const Json got = Json::parse(answered.out)["predictions"];
  for (std::size_t i = 0; i < 5; ++i)
    EXPECT_NEAR(got[i]["outputs"][0].get<double>(), want[i]["outputs"][0].get<double>(), 1e-2);
}

TEST_F(OnnxFiles, AreWhatTrainingStartsFrom) {
  const std::string shared = "train --data glyphs:train=300,test=100,difficulty=0 --epochs 1 ";
  ASSERT_EQ(run(shared + "--hidden 16 --out first").code, 0);
  ASSERT_EQ(run("export first --out first.onnx").code, 0);
  // A rate so small that nothing moves: what comes out is what went in.
  const Outcome again = run(shared + "--hidden 16 --lr 1e-30 --weights first.onnx --out second");
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(Json::parse(run("eval second --json").out)["error"],
            Json::parse(run("eval first --json").out)["error"]);
  const Outcome longer = run(shared + "--hidden 16,8 --weights first.onnx --out third");
  EXPECT_EQ(longer.code, 1);
  EXPECT_NE(longer.err.find("dense2.weight"), std::string::npos) << longer.err;
  EXPECT_EQ(run(shared + "--hidden 16 --weights none.npz --out fourth").code, 1);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "fourth")) << "nothing was begun";
}

TEST_F(OnnxFiles, AreRefusedInOneLine) {
  write_file(folder_.path() / "noise.onnx", std::string(100, '\x93'));
  write_file(folder_.path() / "empty.onnx", "");
  write_file(folder_.path() / "other.bin", "x");
  expect_error("import noise.onnx", "noise.onnx");
  expect_error("inspect empty.onnx", "no ONNX model");
  expect_error("eval noise.onnx --data glyphs", "ONNX model");
  expect_error("import other.bin", "end in .onnx");
  expect_error("import none.onnx", "none.onnx");
  expect_error("export none --out x.onnx", "there is no file or folder 'none'");
  expect_error("export noise.onnx --out x.pb", "let it end in .onnx");
}

}  // namespace
}  // namespace rectify::cli
