// What train and resume leave as report.html, and how a finished run is extended.

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "tests/cli/program.h"

namespace rectify::cli {
namespace {

namespace fs = std::filesystem;
constexpr const char* tiny = "train --data glyphs:train=600,test=200,difficulty=0 --hidden 32 ";

class TrainingPage : public testing::Test {
 protected:
  Outcome run(const std::string& arguments) { return run_program(folder_.path(), arguments); }
  std::string file(const std::string& name) { return read_file(folder_.path() / name); }
  bool exists(const std::string& name) { return fs::exists(folder_.path() / name); }
  static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }
  TemporaryFolder folder_;
};

TEST_F(TrainingPage, IsWrittenByTrainAndSaysWhere) {
  const Outcome done = run(std::string(tiny) + "--epochs 2 --out t");
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(has(done.err, "report: t/report.html\n")) << done.err;
  const std::string page = file("t/report.html");
  const Json results = Json::parse(file("t/results.json"));
  const double error = results["test_error"].get<double>();
  EXPECT_TRUE(has(page, "Test error " + fixed_text(100 * error, 2) + "&nbsp;%, by the weights"));
  EXPECT_TRUE(has(page, "rectify train --config t/config.toml --out again"));
  EXPECT_TRUE(has(page, "src=\"data:image/png;base64,"));
  EXPECT_TRUE(has(page, "<th scope=\"col\">F1</th>"));
  ASSERT_EQ(run("train --config t/config.toml --out again --quiet").code, 0);
  EXPECT_EQ(file("again/best.safetensors"), file("t/best.safetensors"));
}

TEST_F(TrainingPage, IsLeftByATrainingThatWentNonFinite) {
  const Outcome failed = run(std::string(tiny) + "--lr 1e6 --epochs 3 --out f");
  EXPECT_EQ(failed.code, 3);
  EXPECT_TRUE(has(failed.err, "report: f/report.html\n")) << failed.err;
  EXPECT_TRUE(has(failed.err, "rectify: error: training went non-finite"));
  const std::string page = file("f/report.html");
  EXPECT_TRUE(has(page, "<h1 class=\"short\">Training went non-finite in epoch 1, step "));
  EXPECT_TRUE(has(page, "No test predictions were"));
  EXPECT_TRUE(has(page, "dense1.weight")) << "what was recorded of the epoch that failed";
}

TEST_F(TrainingPage, IsLeftByAnInterruptAndWrittenAnewByResume) {
  const std::string asked = std::string(tiny) + "--epochs 30 --batch 8 --out i";
  ASSERT_EQ(run_and_signal(
                folder_.path(), [&] { return asked; }, "i", 3, SIGINT),
            130);
  EXPECT_TRUE(has(file("i/report.html"), ">Stopped after "));
  EXPECT_TRUE(has(file("i/report.html"), "Go on with: rectify resume i."));
  ASSERT_EQ(run("resume i --quiet").code, 0);
  EXPECT_TRUE(has(file("i/report.html"), "of 30.</h1>"));
}

TEST_F(TrainingPage, OfATableShowsItsRowsAndOfARegressionItsResiduals) {
  std::string csv = "a,b,y\n";
  for (int i = 0; i < 200; ++i)
    csv += concat(i % 17, ",", i % 5, ".5,", 3 * (i % 17) - (i % 5), ".25\n");
  write_file(folder_ / "r.csv", csv);
  ASSERT_EQ(run("train --data csv:r.csv:y --hidden 8 --epochs 2 --lr 0.01 --out r --quiet").code,
            0);
  const std::string page = file("r/report.html");
  EXPECT_TRUE(has(page, "Error (RMSE)"));
  EXPECT_TRUE(has(page, "id=\"residuals-0\""));
  EXPECT_TRUE(has(page, "<th scope=\"col\">b</th>"));
  EXPECT_FALSE(has(page, "<img"));
}

TEST_F(TrainingPage, AndRunAreExtendedByResume) {
  const std::string asked = std::string(tiny) + "--schedule constant --warmup 0 --epochs ";
  ASSERT_EQ(run(asked + "2 --out e --quiet").code, 0);
  ASSERT_EQ(run(asked + "4 --out whole --quiet").code, 0);
  for (const char* few : {"1", "2"}) {
    const Outcome refused = run(std::string("resume e --epochs ") + few);
    EXPECT_EQ(refused.code, 1);
    EXPECT_TRUE(has(refused.err, "'e' has trained 2 epochs already")) << refused.err;
    EXPECT_TRUE(has(refused.err, "give 3 or more")) << refused.err;
  }
  const Outcome extended = run("resume e --epochs 4");
  ASSERT_EQ(extended.code, 0) << extended.err;
  EXPECT_TRUE(has(extended.err, "going on after epoch 2 of 4")) << extended.err;
  EXPECT_TRUE(has(extended.err, "the rate goes on at ")) << extended.err;
  EXPECT_EQ(file("e/model.safetensors"), file("whole/model.safetensors"));
  EXPECT_EQ(split(file("e/history.jsonl"), '\n').size(), 5u);
  EXPECT_FALSE(has(file("e/report.html"), "--config e/config.toml")) << "no command repeats it";

  ASSERT_EQ(run(std::string(tiny) + "--epochs 2 --out c --quiet").code, 0);
  const Outcome cosine = run("resume c --epochs 4");
  EXPECT_TRUE(has(cosine.err, "where the schedule cosine of a run of 4 epochs is after 2"))
      << cosine.err;
}

TEST_F(TrainingPage, WrongExtensionsAreRefused) {
  ASSERT_EQ(run(std::string(tiny) + "--epochs 9 --patience 1 --lr 5 --schedule constant --out p "
                                    "--quiet")
                .code,
            0);
  const Outcome patient = run("resume p --epochs 20");
  EXPECT_EQ(patient.code, 1);
  EXPECT_TRUE(has(patient.err, "stopped early")) << patient.err;
  ASSERT_EQ(run("compare --data glyphs:train=300,test=100 --activations relu --hidden 8 --epochs 1 "
                "--seeds 1 --lr 0.1 --out c --quiet")
                .code,
            0);
  const Outcome comparison = run("resume c --epochs 20");
  EXPECT_EQ(comparison.code, 1);
  EXPECT_TRUE(has(comparison.err, "resume it without --epochs")) << comparison.err;
  EXPECT_EQ(run("resume p --epochs 0").code, 1);
  EXPECT_EQ(run("resume p --epochs many").code, 2);
}

TEST_F(TrainingPage, ComparisonsKeepTheWeightsThatAreAskedFor) {
  const std::string asked =
      "compare --data glyphs:train=600,test=200,difficulty=0 --activations 'relu,leaky_relu a=0.1' "
      "--hidden 16 --epochs 2 --seeds 2 --lr 0.1 ";
  ASSERT_EQ(run(asked + "--out none --quiet").code, 0);
  EXPECT_FALSE(exists("none/best.safetensors"));
  const Outcome best = run(asked + "--keep best --out best");
  ASSERT_EQ(best.code, 0) << best.err;
  EXPECT_TRUE(has(best.err, "weights: best/best.safetensors\n")) << best.err;
  ASSERT_EQ(run(asked + "--keep all --out all --quiet").code, 0);
  EXPECT_EQ(file("all/best.safetensors"), file("best/best.safetensors"));
  for (const char* name :
       {"relu-seed-1", "relu-seed-2", "leaky_relu-a-0.1-seed-1", "leaky_relu-a-0.1-seed-2"}) {
    EXPECT_TRUE(exists(std::string("all/runs/") + name + ".safetensors")) << name;
    EXPECT_FALSE(exists(std::string("best/runs/") + name + ".safetensors")) << name;
  }
  // Whose weights they are: the activation of the lowest mean test error, its seed of the lowest
  // validation error; and they make the test error of that run.
  const Json results = Json::parse(file("all/results.json"));
  const bool second = results["activations"][1]["test_error"]["mean"].get<double>() <
                      results["activations"][0]["test_error"]["mean"].get<double>();
  const std::string stem = second ? "leaky_relu-a-0.1-seed-" : "relu-seed-";
  const Json figures = results["activations"][second ? 1 : 0]["test_error"]["values"];
  std::pair<double, double> lowest(2, 0);
  std::size_t seed = 0;
  for (std::size_t s = 0; s < 2; ++s) {
    const Json one = Json::parse(file("all/runs/" + stem + std::to_string(s + 1) + ".json"));
    const Json epoch = one["history"][one["best_epoch"].get<std::size_t>() - 1];
    const std::pair now(epoch["validation_error"].get<double>(),
                        epoch["validation_loss"].get<double>());
    if (now < lowest) lowest = now, seed = s;
  }
  EXPECT_EQ(file("best/best.safetensors"),
            file("all/runs/" + stem + std::to_string(seed + 1) + ".safetensors"));
  const Outcome eval = run("eval best --data glyphs:train=600,test=200,difficulty=0 --json");
  ASSERT_EQ(eval.code, 0) << eval.err;
  EXPECT_EQ(Json::parse(eval.out)["error"].get<double>(), figures[seed].get<double>()) << eval.out;
  ASSERT_EQ(run("resume best --quiet").code, 0);
  EXPECT_EQ(file("all/best.safetensors"), file("best/best.safetensors"));
}

}  // namespace
}  // namespace rectify::cli
