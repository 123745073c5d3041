#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <set>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "tests/cli/program.h"

namespace rectify::cli {
namespace {

constexpr const char* tiny_data = "--data glyphs:train=600,test=200,difficulty=0";

class Verbs : public testing::Test {
 protected:
  Outcome run(const std::string& arguments, const std::string& environment = {}) {
    return run_program(folder_.path(), arguments, environment);
  }
  std::string file(const std::string& name) { return read_file(folder_.path() / name); }
  TemporaryFolder folder_;
};

TEST_F(Verbs, EveryVerbExplainsItselfWithAnExample) {
  const Outcome all = run("--help");
  EXPECT_EQ(all.code, 0);
  for (const std::string& line : split(all.out, '\n')) EXPECT_LE(line.size(), 80u) << line;
  for (const char* verb : {"compare", "train", "resume", "eval", "predict", "sample", "inspect",
                           "regions", "models", "activations", "data"}) {
    EXPECT_NE(all.out.find(verb), std::string::npos) << verb;
    const Outcome help = run(std::string(verb) + " --help");
    EXPECT_EQ(help.code, 0) << verb;
    EXPECT_NE(help.out.find("Example:\n  rectify " + std::string(verb)), std::string::npos)
        << help.out;
  }
}

/// The flags in a text: what begins with "--", letters and hyphens behind it.
std::set<std::string> flags_in(const std::string& text) {
  std::set<std::string> flags;
  for (std::size_t at = text.find("--"); at != std::string::npos; at = text.find("--", at + 2)) {
    const std::size_t end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-", at);
    if (at == 0 || text[at - 1] == ' ' || text[at - 1] == '\n' || text[at - 1] == ',')
      flags.insert(text.substr(at, end - at));
  }
  return flags;
}

/// The flags that a manual page declares: each stands alone in bold after .TP.
std::set<std::string> flags_of_page(std::string page) {
  for (std::size_t at = page.find("\\-"); at != std::string::npos; at = page.find("\\-", at))
    page.replace(at, 2, "-");
  std::set<std::string> flags;
  const std::string before = ".TP\n\\fB--";
  for (std::size_t at = page.find(before); at != std::string::npos; at = page.find(before, at + 1))
    flags.insert("--" + page.substr(at + before.size(),
                                    page.find('\\', at + before.size()) - at - before.size()));
  return flags;
}

TEST_F(Verbs, HelpManualAndContractsNameEveryFlag) {
  ASSERT_EQ(run("manual --out man").code, 0);
  const std::string contracts =
      read_file(std::filesystem::path(RECTIFY_SOURCE_DIR) / "docs/contracts.md");
  std::size_t pages = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path() / "man")) {
    std::string words = entry.path().stem().string();  // rectify-data-show
    if (words == "rectify") continue;
    words.erase(0, std::string("rectify-").size());
    std::ranges::replace(words, '-', ' ');
    const std::set<std::string> declared = flags_of_page(read_file(entry.path()));
    const Outcome help = run(words + " --help");
    ASSERT_EQ(help.code, 0) << words << ": " << help.err;
    const std::string options = help.out.substr(0, help.out.find("\nExample:"));
    const std::set<std::string> shown = flags_in(options);
    for (const char* flag : {"--quiet", "--json"})
      EXPECT_TRUE(declared.contains(flag)) << words << " " << flag;
    for (const std::string& flag : declared) {
      EXPECT_TRUE(shown.contains(flag)) << words << " --help does not name " << flag;
      EXPECT_NE(contracts.find(flag), std::string::npos)
          << flag << " of " << words << " is not in docs/contracts.md";
    }
    ++pages;
  }
  EXPECT_GE(pages, 16u);
}

TEST_F(Verbs, CompareWritesItsThreeFilesAndPrintsATableOf80Columns) {
  const Outcome done = run(std::string("compare ") + tiny_data +
                           " --activations 'relu,leaky_relu a=0.1' --hidden 24,16 --epochs 2 "
                           "--seeds 3 --lr 0.05 --out c");
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_NE(done.out.find("leaky_relu a=0.1"), std::string::npos);
  for (const std::string& line : split(done.out, '\n')) {
    std::size_t columns = 0;
    for (const char c : line) columns += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    EXPECT_LE(columns, 80u) << line;
  }
  const Json results = Json::parse(file("c/results.json"));
  EXPECT_EQ(results["schema"], 1);
  ASSERT_EQ(results["activations"].size(), 2u);
  EXPECT_EQ(results["activations"][0]["test_error"]["values"].size(), 3u);
  EXPECT_EQ(results["activations"][0]["history"].size(), 2u);
  EXPECT_FALSE(results["verdict"].get<std::string>().empty());
  EXPECT_NE(file("c/report.html").find("<html"), std::string::npos);
  EXPECT_NE(file("c/config.toml").find("activations = 'relu,leaky_relu a=0.1'"), std::string::npos);
}

TEST_F(Verbs, CompareTrainsWithEveryPenaltyOfSparsityAndIsResumed) {
  const Outcome done = run(std::string("compare ") + tiny_data +
                           " --activations 'relu,top_k 0.25' --sparsity 0,0.1 --hidden 24,16 "
                           "--epochs 2 --seeds 1 --lr 0.05 --out z");
  ASSERT_EQ(done.code, 0) << done.err;
  for (const char* part : {"by layer", "128 at once", "relu l1=0.1", "top_k 0.25 l1=0"})
    EXPECT_NE(done.out.find(part), std::string::npos) << part << done.out;
  const std::string results = file("z/results.json");
  EXPECT_NE(file("z/report.html").find("error-by-speed"), std::string::npos);
  EXPECT_NE(file("z/config.toml").find("sparsity = '0,0.1'"), std::string::npos);
  ASSERT_EQ(run("resume z").code, 0);
  EXPECT_EQ(file("z/results.json"), results) << "runs and speeds are kept";
}

TEST_F(Verbs, CompareFromItsConfigGivesTheSameFigures) {
  const std::string asked = std::string(tiny_data) + " --hidden 16 --epochs 1 --seeds 1 --lr 0.1";
  ASSERT_EQ(run("compare " + asked + " --activations relu,tanh --out a").code, 0);
  const Outcome again = run("compare --config a/config.toml --out b");
  ASSERT_EQ(again.code, 0) << again.err;
  const Json a = Json::parse(file("a/results.json")), b = Json::parse(file("b/results.json"));
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(a["activations"][i]["test_error"], b["activations"][i]["test_error"]);
}

TEST_F(Verbs, CompareAgainInItsFolderIsRefusedAndResumeRepeatsNothing) {
  const std::string asked = std::string("compare ") + tiny_data +
                            " --activations relu,tanh --hidden 16 --epochs 1 --seeds 2 --lr 0.1 "
                            "--out c --quiet";
  ASSERT_EQ(run(asked).code, 0);
  const std::string before = file("c/results.json");
  const Outcome refused = run(asked);
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.err.find("not empty"), std::string::npos);
  const Outcome resumed = run("resume c --quiet");
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(Json::parse(file("c/results.json"))["activations"], Json::parse(before)["activations"]);
}

TEST_F(Verbs, ForceKeepsTheOldResultsWhenTheNewCommandIsWrong) {
  const std::string asked =
      "compare --data moons:train=100,test=50 --hidden 4 --epochs 1 --seeds 1 "
      "--lr 0.1 --activations relu --out c --quiet";
  ASSERT_EQ(run(asked).code, 0);
  const std::string before = file("c/results.json");
  for (const char* wrong : {" --dropout 2", " --validation 0.0001", " --epochs 0"})
    EXPECT_NE(run(asked + " --force" + wrong).code, 0) << wrong;
  for (const char* wrong : {" --hidden 1000000,1000000", " --data mnist:nowhere"})
    EXPECT_NE(run("compare --epochs 1 --out c --force" + std::string(wrong)).code, 0) << wrong;
  EXPECT_EQ(file("c/results.json"), before);
}

TEST_F(Verbs, OneAndTwoThreadsLeaveTheSameBytes) {
  for (const char* threads : {"1", "2"}) {
    const Outcome done = run(std::string("train ") + tiny_data +
                             " --model '784 : dense 300 | relu | dropout 0.2 | dense 280 | gelu | "
                             "dense 10' --epochs 2 --out t" +
                             threads + " --threads " + threads);
    ASSERT_EQ(done.code, 0) << done.err;
  }
  EXPECT_EQ(file("t1/model.safetensors"), file("t2/model.safetensors"));
  EXPECT_EQ(file("t1/best.safetensors"), file("t2/best.safetensors"));
}

TEST_F(Verbs, AnInterruptedRunResumesToTheSameBytes) {
  const std::string asked = std::string("train ") + tiny_data +
                            " --hidden 64,64 --activation tanh --epochs 30 --batch 16 --out ";
  ASSERT_EQ(run(asked + "whole --quiet").code, 0);
  // The interrupt comes as soon as a few epochs are saved.
  ASSERT_EQ(run_and_signal(
                folder_.path(), [&] { return asked + "parts"; }, "parts", 3, SIGINT),
            130);
  EXPECT_NE(file(".err").find("interrupted: go on with: rectify resume parts\n"),
            std::string::npos);
  const Outcome resumed = run("resume parts");
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(file("whole/model.safetensors"), file("parts/model.safetensors"));
  EXPECT_EQ(split(file("parts/history.jsonl"), '\n').size(), 31u);
}

TEST_F(Verbs, AConfigAndAResumedRunRepeatEveryTrainingTechnique) {
  const std::string asked =
      std::string("train ") + tiny_data +
      " --hidden 32 --epochs 12 --batch 8 --optimizer muon --momentum 0.9 --schedule plateau "
      "--plateau-patience 1 --label-smoothing 0.1 --mixup 0.2 --ema 0.95 --accumulate 2 "
      "--decay-of dense2=0,dense1.bias=0.01 --rate-of dense2=0.5 --out ";
  ASSERT_EQ(run(asked + "whole --quiet").code, 0);
  ASSERT_EQ(run("train --config whole/config.toml --threads 1 --out again --quiet").code, 0);
  Process process(folder_.path(), asked + "parts");
  process.wait_for_file("parts/history.jsonl", 3);
  process.send(SIGKILL);
  process.wait();
  ASSERT_EQ(run("resume parts").code, 0);
  for (const char* name : {"/model.safetensors", "/best.safetensors", "/state.safetensors"}) {
    EXPECT_TRUE(file(std::string("whole") + name) == file(std::string("again") + name)) << name;
    EXPECT_TRUE(file(std::string("whole") + name) == file(std::string("parts") + name)) << name;
  }
}

TEST_F(Verbs, CompareTakesEveryTrainingTechnique) {
  const Outcome done = run(std::string("compare ") + tiny_data +
                           " --hidden 16 --epochs 2 --seeds 1 --lr auto --activations relu "
                           "--optimizer lion --schedule cosine_restarts --label-smoothing 0.1 "
                           "--mixup 0.2 --ema 0.9 --accumulate 2 --out c");
  EXPECT_EQ(done.code, 0) << done.err;
}

TEST_F(Verbs, EvalPredictAndInspectAgreeOnATrainedModel) {
  ASSERT_EQ(run(std::string("train ") + tiny_data + " --hidden 32 --epochs 3 --out t --quiet").code,
            0);
  const Json eval = Json::parse(run("eval t --json").out);
  const Json trained = Json::parse(file("t/results.json"));
  EXPECT_EQ(eval["error"], trained["test_error"]);
  EXPECT_EQ(eval["samples"], 200);
  for (const Json& layer : eval["layers"]) EXPECT_EQ(layer["channels"], layer["units"]);
  const Outcome predicted =
      run("predict t/best.safetensors --data glyphs:train=600,test=200,difficulty=0");
  const auto lines = split(predicted.out, '\n');
  ASSERT_EQ(lines.size(), 202u) << predicted.err;  // a header and a last line that is empty
  int wrong = 0;
  for (std::size_t i = 1; i <= 200; ++i) {
    const auto fields = split(lines[i], ',');
    ASSERT_EQ(fields.size(), 4u);
    wrong += fields[1] != fields[3];
  }
  EXPECT_NEAR(wrong / 200.0, eval["error"].get<double>(), 1e-9);
  const Json inspected = Json::parse(run("inspect t --json").out);
  EXPECT_EQ(inspected["parameters"], 784 * 32 + 32 + 32 * 10 + 10);
}

TEST_F(Verbs, EvalTellsDeadChannelsFromDeadUnits) {
  ASSERT_EQ(run(std::string("train ") + tiny_data +
                " --model '28x28x1 : conv 4 3x3 | relu | flatten | dense 10' --epochs 1 --lr 0.001 "
                "--out t --quiet")
                .code,
            0);
  const Outcome eval = run("eval t");
  EXPECT_NE(eval.out.find("relu1: 3136 units (4 channels at 784 positions), exact zeros"),
            std::string::npos)
      << eval.out;
  EXPECT_NE(eval.out.find(", dead: 0 of 4 channels, "), std::string::npos) << eval.out;
  const Json json = Json::parse(run("eval t --json").out);
  EXPECT_EQ(json["layers"][0]["units"], 3136);
  EXPECT_EQ(json["layers"][0]["channels"], 4);
  EXPECT_EQ(json["layers"][0]["dead_channels"], 0);
  EXPECT_GT(json["layers"][0]["dead_units"].get<double>(), 0) << "corners are always white";
}

TEST_F(Verbs, EvalAndPredictAverageOverViews) {
  ASSERT_EQ(run(std::string("train ") + tiny_data + " --hidden 32 --epochs 1 --out t --quiet").code,
            0);
  const Json plain = Json::parse(run("eval t --json").out);
  const Json views = Json::parse(run("eval t --json --views 'flip, crop 1'").out);
  EXPECT_EQ(views["views"], "flip, crop 1");
  EXPECT_NE(views["loss"], plain["loss"]);
  EXPECT_EQ(views["layers"], plain["layers"]);
  EXPECT_NE(run("predict t --count 3 --views 'crop 2'").out, run("predict t --count 3").out);
  for (const char* wrong : {"mirror", "crop", "cutout 3", "crop 28"}) {
    const Outcome refused = run(std::string("eval t --views '") + wrong + "'");
    EXPECT_EQ(refused.code, 1) << wrong;
    EXPECT_NE(refused.err.find("--views"), std::string::npos) << refused.err;
  }
}

TEST_F(Verbs, EvalAndPredictKeepWeightsInFewerBits) {
  ASSERT_EQ(run(std::string("train ") + tiny_data + " --hidden 32 --epochs 1 --out t --quiet").code,
            0);
  const Json plain = Json::parse(run("eval t --json").out);
  const std::string answers = run("predict t --count 3 --probabilities").out;
  for (const char* name : {"bf16", "int8"}) {
    const std::string as = concat(" --weights-as ", name);
    const Json kept = Json::parse(run("eval t --json" + as).out);
    EXPECT_EQ(kept["weights_as"], name);
    EXPECT_NE(kept["loss"], plain["loss"]);
    EXPECT_NEAR(kept["loss"].get<double>(), plain["loss"].get<double>(), 0.05);
    const std::string threads = " --json --threads ";
    EXPECT_EQ(run("eval t" + as + threads + "1").out, run("eval t" + as + threads + "2").out);
    EXPECT_NE(run("predict t --count 3 --probabilities" + as).out, answers);
  }
  EXPECT_EQ(Json::parse(run("eval t --json --weights-as fp32").out), plain);
  const Outcome refused = run("eval t --weights-as int4");
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.err.find("there is no weights-as 'int4'"), std::string::npos) << refused.err;
}

TEST_F(Verbs, BenchProfilesStepsInEightyColumns) {
  const std::string model = "'784 : dense 100 | relu | dense 10' --batch 32";
  const Outcome text = run("bench --profile " + model);
  ASSERT_EQ(text.code, 0) << text.err;
  for (const std::string& line : split(text.out, '\n')) EXPECT_LE(line.size(), 80u) << line;
  EXPECT_NE(text.out.find("dense1 +1"), std::string::npos) << text.out;
  const Json json = Json::parse(run("bench --json --inference --profile " + model).out);
  ASSERT_EQ(json["steps"].size(), 2u);
  EXPECT_EQ(json["steps"][0]["shape"], "32x100 by 784");
  EXPECT_GT(json["steps"][0]["flops_per_second"].get<double>(), 0);
}

TEST_F(Verbs, StepsAreToldWhenAsked) {
  const Outcome told = run("bench --inference --profile '8 : dense 4'", "RECTIFY_VERBOSE=1");
  EXPECT_NE(told.err.find("made: dense dense1"), std::string::npos) << told.err.substr(0, 300);
}

TEST_F(Verbs, DataShowCountsClassesAndDrawsASheet) {
  const Outcome shown = run("data show glyphs:train=100,test=50 --sheet s.png --json");
  ASSERT_EQ(shown.code, 0) << shown.err;
  const Json json = Json::parse(shown.out);
  EXPECT_EQ(json["training"]["samples"], 100);
  EXPECT_EQ(json["training"]["per_class"][3], 10);
  EXPECT_EQ(file("s.png").substr(1, 3), "PNG");
}

TEST_F(Verbs, DataMakeWritesToysAsNorbReadsThem) {
  const std::string spec = "toys:variant=cluttered,train=12,test=6";
  const Outcome made = run("data make " + spec + " --out t --format norb --json");
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(Json::parse(made.out)["read_as"], "norb:t");
  const Json drawn = Json::parse(run("data show " + spec + " --json").out);
  Json read = Json::parse(run("data show norb:t --sheet s.png --json").out);
  EXPECT_EQ(read["classes"], drawn["classes"]);
  EXPECT_EQ(read["training"], drawn["training"]);
  EXPECT_EQ(read["test"], drawn["test"]);
  EXPECT_EQ(file("s.png").substr(1, 3), "PNG");
  EXPECT_EQ(run("data make " + spec + " --out t --format norb").code, 1);  // it is not empty
  const Outcome wrong = run("data make " + spec + " --out u --format nord");
  EXPECT_EQ(wrong.code, 1);
  EXPECT_NE(wrong.err.find("did you mean 'norb'?"), std::string::npos) << wrong.err;
  const Outcome floats = run("data make moons --out u --format norb");
  EXPECT_NE(floats.err.find("samples of 'moons' are 2 floats"), std::string::npos) << floats.err;
}

TEST_F(Verbs, ActivationsSaysEverythingAboutARow) {
  EXPECT_NE(run("activations").out.find("leaky_relu"), std::string::npos);
  const Json relu = Json::parse(run("activations relu --json").out);
  EXPECT_NEAR(relu["gain"].get<double>(), 1.41421356, 1e-6);
  EXPECT_TRUE(relu["exact_zeros"].get<bool>());
}

TEST_F(Verbs, JsonIsOneDocumentAndNumbersKeepTheirPointInAnyLocale) {
  const Outcome done =
      run(std::string("train ") + tiny_data + " --hidden 8 --epochs 1 --out t --json");
  EXPECT_NO_THROW(Json::parse(done.out)) << done.out;
  const Outcome german = run("data show moons:train=50,test=20 --json", "LC_ALL=de_DE.UTF-8");
  EXPECT_NO_THROW(Json::parse(german.out)) << german.out;
}

TEST_F(Verbs, ARectifierAtAClassifiersOutputIsWarnedAbout) {
  const Outcome done = run(std::string("train ") + tiny_data +
                           " --model '784 : dense 16 | relu | dense 10 | relu' --epochs 1 --out t");
  EXPECT_EQ(done.code, 0);
  EXPECT_NE(done.err.find("warning: the network ends in relu"), std::string::npos) << done.err;
}

TEST_F(Verbs, ATrainingThatGoesNonFiniteStopsWithCode3AndNamesTheLayer) {
  const Outcome done =
      run(std::string("train ") + tiny_data + " --hidden 32,32 --lr 1e30 --epochs 2 --out t");
  EXPECT_EQ(done.code, 3);
  EXPECT_NE(done.err.find("is the first that is not a finite number"), std::string::npos);
  EXPECT_NE(done.err.find("dense"), std::string::npos);
}

/// What stands after "rectify " in the last line of `err` that has `before`.
std::string command_in(const std::string& err, const std::string& before) {
  const std::size_t at = err.rfind(before + "rectify ");
  if (at == std::string::npos) return "none in: " + err;
  const std::size_t begin = at + before.size() + std::string("rectify ").size();
  return err.substr(begin, err.find('\n', begin) - begin);
}

TEST_F(Verbs, TheAdviceAfterANonFiniteTrainingWorksAsPrinted) {
  const std::string asked =
      std::string("train ") + tiny_data + " --hidden 32,32 --epochs 2 --out 'my run'";
  const Outcome failed = run(asked + " --lr 1e30");
  EXPECT_EQ(failed.code, 3);
  EXPECT_EQ(failed.err.find("no checkpoint"), std::string::npos) << failed.err;
  EXPECT_NE(failed.err.find("the initial weights are in my run/model.safetensors"),
            std::string::npos)
      << failed.err;
  EXPECT_EQ(run("inspect 'my run/model.safetensors'").code, 0) << "what it says is there";
  const std::string again = command_in(failed.err, "in its place: ");
  const Outcome mended = run(again);
  EXPECT_EQ(mended.code, 0) << again << "\n" << mended.err;
  EXPECT_NE(again.find(" --lr 0.2 "), std::string::npos) << "the usual rate: " << again;
  EXPECT_EQ(Json::parse(file("my run/results.json"))["config"]["lr"], 0.2);
}

TEST_F(Verbs, TrainSaysHowSureTheChoiceOfItsRateIs) {
  const Outcome done =
      run("train --data moons:train=142,test=50 --hidden 16 --epochs 5 --lr auto "
          "--batch 16 --out t");
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_NE(
      done.err.find("rates are judged by 5-fold cross-validation on all 142 training samples"),
      std::string::npos)
      << done.err;
  EXPECT_NE(done.err.find(" % on 142 samples in 5 folds"), std::string::npos) << done.err;
  const Json results = Json::parse(file("t/results.json"));
  const Json choice = results["rate_choice"];
  EXPECT_EQ(choice["folds"], 5);
  EXPECT_EQ(choice["samples"], 142);
  EXPECT_NE(done.err.find("rate " + choice["says"].get<std::string>()), std::string::npos);
  EXPECT_NE(choice["says"].get<std::string>().find(" on 142 samples (5-fold cross-validation)"),
            std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "t/runs/search-0.025-fold-5-of-5.json"));
  const std::string first = file("t/model.safetensors");
  ASSERT_EQ(run("train --data moons:train=142,test=50 --hidden 16 --epochs 5 --lr auto --batch 16 "
                "--threads 1 --out again")
                .code,
            0);
  EXPECT_EQ(file("again/model.safetensors"), first) << "the same seed, the same bits";
}

}  // namespace
}  // namespace rectify::cli
