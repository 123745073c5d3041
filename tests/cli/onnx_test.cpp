// ONNX files as a person meets them: written, read back, used by every verb, and refused.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/model/file.h"
#include "rectify/model/interchange.h"
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

/// A field of a protobuf message: a number, or bytes with their length.
std::string field(int number, int value) {
  return {static_cast<char>(number << 3), static_cast<char>(value)};
}
std::string field(int number, const std::string& bytes) {
  std::string all(1, static_cast<char>(number << 3 | 2));
  if (bytes.size() > 127) all += static_cast<char>(bytes.size() % 128 | 128);  // seven bits a byte
  all += static_cast<char>(bytes.size() > 127 ? bytes.size() / 128 : bytes.size());
  return all + bytes;
}

/// The name and type of a value: floats of batch x n, with n open.
std::string value_info(const std::string& name) {
  const std::string dims = field(1, field(2, "batch")) + field(1, field(2, "n"));
  return field(1, name) + field(2, field(1, field(1, 1) + field(2, dims)));
}

/// y = exp(x); z = the sum of y, which keeps its axis. Both are outputs.
std::string exponentials() {
  const std::string exp = field(1, "x") + field(2, "y") + field(4, "Exp");
  const std::string sum = field(1, "y") + field(1, "axis") + field(2, "z") + field(4, "ReduceSum");
  const std::string axis = field(1, 1) + field(2, 7) + field(7, 1) + field(8, "axis");
  const std::string graph = field(1, exp) + field(1, sum) + field(2, "g") + field(5, axis) +
                            field(11, value_info("x")) + field(12, value_info("y")) +
                            field(12, value_info("z"));
  return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 17));
}

TEST_F(OnnxFiles, OfOthersTakeOpenExtentsAndOneOfTheirOutputs) {
  write_file(folder_.path() / "exp.onnx", exponentials());
  expect_error("import exp.onnx", "axis 1 whose extent is not fixed; fix it with --shape");
  expect_error("inspect exp.onnx --shape 2x3x4", "is ?x?, so it cannot be 2x3x4");
  const Outcome first = run("import exp.onnx --shape 3 --json");
  ASSERT_EQ(first.code, 0) << first.err;
  EXPECT_EQ(Json::parse(first.out)["output"], "y");
  EXPECT_EQ(Json::parse(first.out)["model"], "3 : apply exp");
  const Outcome inspected = run("inspect exp.onnx --shape 1x3 --output z --json");
  ASSERT_EQ(inspected.code, 0) << inspected.err;
  EXPECT_NE(Json::parse(inspected.out)["model"].get<std::string>().find("reduce sum"),
            std::string::npos);
  const Json forward_only = Json::parse(run("inspect '3 : dense 2 | apply exp' --json").out);
  EXPECT_EQ(forward_only["trainable"], false);
  EXPECT_TRUE(forward_only["training_bytes"].is_null());
  expect_error("import exp.onnx --shape 3 --output zz --force", "did you mean 'z'");
  expect_error("inspect model.safetensors --output z", "are for ONNX files");

  std::string table = "a,b,c,target\n";  // the target is what the model answers
  for (int i = 0; i < 100; ++i) {
    const double a = 0.01 * i, b = -0.02 * i, c = 0.005 * i;
    table += std::to_string(a) + "," + std::to_string(b) + "," + std::to_string(c) + "," +
             std::to_string(std::exp(a) + std::exp(b) + std::exp(c)) + "\n";
  }
  write_file(folder_.path() / "t.csv", table);
  for (const char* shape : {"", " --shape 3"}) {
    const Outcome measured = run(std::string("eval exp.onnx --output z --data csv:t.csv:target "
                                             "--json") +
                                 shape);
    ASSERT_EQ(measured.code, 0) << measured.err;
    EXPECT_LT(Json::parse(measured.out)["error"].get<double>(), 1e-4);
  }
}

TEST_F(OnnxFiles, AreOfTheLossThatIsAsked) {
  const auto save = [&](const char* name, const std::string& text, std::size_t classes) {
    model::Model model(text);
    model.loss = classes > 0 ? "softmax_cross_entropy" : "mean_squared_error";
    for (std::size_t i = 0; i < classes; ++i) model.class_names.push_back(std::to_string(i));
    model.normalisation.inputs = {{0, 1}};
    model::save_onnx(folder_.path() / name, model);
  };
  save("one.onnx", "3 : dense 1", 0);
  save("two.onnx", "3 : dense 4 as hidden | relu | dense 2", 2);
  for (const char* loss : {"mean_squared_error", "mean_absolute_error", "huber", "hinge"}) {
    const Outcome done =
        run(std::string("import two.onnx --out back.safetensors --force --loss ") + loss);
    ASSERT_EQ(done.code, 0) << done.err;
    const model::Model back = model::load_model(folder_.path() / "back.safetensors");
    EXPECT_EQ(back.loss, loss);
    EXPECT_EQ(back.class_names.empty(), std::string_view(loss) != "hinge") << loss;
  }
  expect_error("import one.onnx --loss softmax_cross_entropy",
               "wants an output for each class but the model ends in 1");
  expect_error("import two.onnx --loss huber --classes a,b", "the loss huber is for numbers");
  expect_error("import two.onnx --classes a,b,c", "names 3 classes but the model ends in 2");
  expect_error("import two.onnx --classes a,a", "--classes names 'a' twice");
  expect_error("import two.onnx --classes 'a, a'", "--classes names 'a' twice");
  expect_error("import two.onnx --classes a,", "an empty name in 'a,'");
  expect_error("import two.onnx --classes ,a", "an empty name in ',a'");
  expect_error("import one.onnx --classes a", "names 1 classes but the model ends in 1");
  // An inner value is no answer of the two classes.
  write_file(folder_.path() / "rows.csv", "a,b,c\n1,2,3\n");
  const Outcome inner =
      run("predict two.onnx --output hidden --data rows.csv --threads 1 --probabilities");
  ASSERT_EQ(inner.code, 0) << inner.err;
  EXPECT_TRUE(inner.out.starts_with("index,row,predicted,probability,p=0,p=1,p=2,p=3\n"))
      << inner.out;
}

TEST_F(OnnxFiles, AreNotWrittenOverUnlessForced) {
  model::Model model("3 : dense 1");
  model.loss = "mean_squared_error";
  model.normalisation.inputs = {{0, 1}};
  model::save_onnx(folder_ / "model.onnx", model);
  const std::string first = read_file(folder_ / "model.onnx");
  write_file(folder_ / "model.safetensors", "the weights of a run");
  expect_error("import model.onnx", "'model.safetensors' is there already; --force writes over it");
  expect_error("import model.onnx --out model.onnx", "let it end in .safetensors");
  expect_error("export model.onnx", "'model.onnx' is there already; --force writes over it");
  EXPECT_EQ(read_file(folder_ / "model.onnx"), first);
  EXPECT_EQ(read_file(folder_ / "model.safetensors"), "the weights of a run");
  EXPECT_EQ(run("import model.onnx --force").code, 0);
  EXPECT_EQ(model::load_model(folder_ / "model.safetensors").loss, "mean_squared_error");
  write_file(folder_ / "model.onnx", "no model");
  EXPECT_EQ(run("export model.safetensors --force").code, 0);
  EXPECT_EQ(model::load_model(folder_ / "model.onnx").loss, "mean_squared_error");
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
