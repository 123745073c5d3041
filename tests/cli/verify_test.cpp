// rectify verify, as a person runs it.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <utility>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "tests/cli/program.h"
#include "tests/helpers.h"

namespace rectify::cli {
namespace {

namespace fs = std::filesystem;

class Verify : public testing::Test {
 protected:
  Outcome run(const std::string& arguments) { return run_program(folder_.path(), arguments); }

  /// A small network of two inputs and two outputs in the folder "run".
  void train() {
    const Outcome trained =
        run("train --data moons:train=200,test=50 --model '2 : dense 8 | relu | dense 2' --epochs 1"
            " --validation 0 --threads 1 --quiet --out run");
    ASSERT_EQ(trained.code, 0) << trained.err;
  }
  /// Writes a property: both inputs in [-1, 1] and `unsafe`.
  void write_property(const std::string& unsafe) {
    folder_.write("p.vnnlib",
                  "(declare-const X_0 Real)\n(declare-const X_1 Real)\n(declare-const Y_0 Real)\n"
                  "(declare-const Y_1 Real)\n(assert (and (>= X_0 -1) (<= X_0 1) (>= X_1 -1) "
                  "(<= X_1 1)))\n(assert " +
                      unsafe + ")\n");
  }

  TemporaryFolder folder_;
};

TEST_F(Verify, ProvesThatOutputsStayBelowABound) {
  train();
  write_property("(or (>= Y_0 1e4) (>= Y_1 1e4))");
  const Outcome text = run("verify run --property p.vnnlib --fail --quiet");
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_TRUE(text.out.starts_with("holds: no input of the property has an unsafe answer\n2 cases"))
      << text.out;
}

TEST_F(Verify, ShowsTheInputThatViolates) {
  train();
  write_property("(or (>= Y_0 1e4) (>= Y_1 -1e4))");
  const Outcome text = run("verify run --property p.vnnlib --quiet");
  EXPECT_EQ(text.code, 0) << text.err;
  for (const char* part : {"violated: an input of case 2 of 2", "X_0 = ", "X_1 = ", "Y_1 = "})
    EXPECT_TRUE(contains(text.out, part)) << text.out << ": " << part;
  const Outcome outcome = run("verify run --property p.vnnlib --json --fail");
  EXPECT_EQ(outcome.code, 4);
  const Json json = Json::parse(outcome.out);
  EXPECT_EQ(json.at("answer").get<std::string>(), "violated");
  EXPECT_EQ(json.at("case").get<int>(), 1);
  EXPECT_EQ(json.at("cases").get<int>(), 2);
  const auto input = json.at("input").get<std::vector<double>>();
  ASSERT_EQ(input.size(), 2u);
  EXPECT_LE(std::max(std::abs(input[0]), std::abs(input[1])), 1);
  // What predict answers to a table with this input.
  folder_.write("one.csv",
                concat("x,y\n", number_text(input[0]), ",", number_text(input[1]), "\n"));
  const Json predicted = Json::parse(run("predict run --data one.csv --json").out);
  EXPECT_EQ(json.at("output"), predicted.at("predictions").at(0).at("outputs"));
}

TEST_F(Verify, WritesACertificateThatItProvesAgain) {
  train();
  write_property("(or (>= Y_0 1e4) (>= Y_1 1e4))");
  const Outcome written = run("verify run --property p.vnnlib --certificate proof.txt --quiet");
  EXPECT_EQ(written.code, 0) << written.err;
  EXPECT_TRUE(contains(written.out, "\ncertificate proof.txt, ")) << written.out;
  const Outcome checked = run("verify run --property p.vnnlib --check proof.txt --fail --quiet");
  EXPECT_EQ(checked.code, 0) << checked.err;
  EXPECT_TRUE(checked.out.starts_with("holds: the certificate proves it\n")) << checked.out;
  const Json json = Json::parse(run("verify run --property p.vnnlib --check proof.txt --json").out);
  EXPECT_EQ(json.at("answer").get<std::string>(), "holds");
  EXPECT_GE(json.at("sub_problems").get<int>(), 1);

  const std::string proof = read_file(folder_ / "proof.txt");
  const auto refused = [&](const std::string& text, const std::string& part) {
    folder_.write("other.txt", text);
    const Outcome outcome = run("verify run --property p.vnnlib --check other.txt");
    EXPECT_EQ(outcome.code, 1);
    EXPECT_TRUE(contains(outcome.err, part)) << outcome.err;
    EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1) << outcome.err;
  };
  refused("", "'other.txt' is no certificate");
  refused(proof.substr(0, proof.size() - 1), "'other.txt' is damaged");
  std::string flipped = proof;
  flipped[flipped.size() / 2] ^= 1;
  refused(flipped, "'other.txt' is damaged");
  write_property("(or (>= Y_0 1e4) (>= Y_1 2e4))");
  refused(proof, "'other.txt' is about another property");
}

TEST_F(Verify, WritesACertificateOfACounterexample) {
  train();
  write_property("(or (>= Y_0 1e4) (>= Y_1 -1e4))");
  ASSERT_EQ(run("verify run --property p.vnnlib --certificate found.txt --quiet").code, 0);
  EXPECT_EQ(run("verify run --property p.vnnlib --check found.txt --quiet").code, 0);
  const Outcome checked = run("verify run --property p.vnnlib --check found.txt --fail --quiet");
  EXPECT_EQ(checked.code, 4) << checked.err;
  EXPECT_TRUE(checked.out.starts_with("violated: the certificate proves it\n")) << checked.out;
  const Json json =
      Json::parse(run("verify run --property p.vnnlib --certificate again.txt --json --quiet").out);
  EXPECT_EQ(json.at("certificate").at("file").get<std::string>(), "again.txt");
  EXPECT_EQ(read_file(folder_ / "again.txt"), read_file(folder_ / "found.txt"));
}

TEST_F(Verify, SaysThatNothingCanBeInAnEmptyProperty) {
  train();
  write_property("(and (>= X_0 2) (<= Y_0 0))");
  const Outcome outcome = run("verify run --property p.vnnlib --fail --quiet");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out.substr(0, outcome.out.find(',')),
            "holds: no input and no output can meet the constraints");
  EXPECT_TRUE(contains(outcome.out, "0 cases (1 empty)")) << outcome.out;
}

TEST_F(Verify, RefusesWhatItCannotRead) {
  train();
  const auto expect_error = [&](const std::string& arguments, const std::string& part) {
    const Outcome outcome = run("verify " + arguments);
    EXPECT_EQ(outcome.code, 1);
    EXPECT_TRUE(contains(outcome.err, part)) << outcome.err;
  };
  write_property("(<= Y_0 Y_7)");
  expect_error("run --property p.vnnlib", "line 6 uses 'Y_7', which is not declared");
  expect_error("run --property nowhere.vnnlib", "nowhere.vnnlib");
  write_property("(<= Y_0 Y_1)");
  expect_error("run --property p.vnnlib --timeout 0", "--timeout must be above 0");
  expect_error("nowhere --property p.vnnlib", "nowhere");
  folder_.write("p.vnnlib",
                "(declare-const X_0 Real)(declare-const Y_0 Real)(assert (= X_0 1))"
                "(assert (<= Y_0 0))");
  expect_error("run --property p.vnnlib",
               "1 inputs and 1 outputs (X_0 to X_0, Y_0 to Y_0), but the network has 2 and 2");
  expect_error("run", "give --property FILE or --robust EPS, one of the two");
  expect_error("run --property p.vnnlib --robust 1", "one of the two");
  expect_error("run --robust 1 --check c", "--check goes with --property, not with --robust");
  expect_error("run --property p.vnnlib --check c --certificate c", "not both");
  write_property("(<= Y_0 Y_1)");
  expect_error("run --property p.vnnlib --check nowhere.txt", "nowhere.txt");
}

TEST_F(Verify, RefusesFlagsThatSayNothingAboutTheQuestion) {
  for (const char* arguments :
       {"--property p --out o", "--property p --count 3", "--property p --norm 2",
        "--property p --force", "--property p --split train", "--property p --data moons",
        "--property p --box 0:1", "--robust 1 --box 0:1", "--robust 1 --certificate c",
        "--lipschitz --fail", "--range --out o", "--dead --timeout 3", "--monotone 0 --count 3"}) {
    const Outcome outcome = run(concat("verify nowhere ", arguments));
    EXPECT_EQ(outcome.code, 1) << arguments;
    EXPECT_TRUE(contains(outcome.err, " goes with --")) << arguments << ": " << outcome.err;
    EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1) << outcome.err;
  }
}

TEST_F(Verify, LooksAtTheFileOfACertificateBeforeTheSearch) {
  train();
  write_property("(or (>= Y_0 1e4) (>= Y_1 1e4))");
  const std::string property = read_file(folder_ / "p.vnnlib"),
                    weights = read_file(folder_ / "run/best.safetensors");
  const auto expect_error = [&](const std::string& file, const std::string& part) {
    const Outcome outcome = run("verify run --property p.vnnlib --certificate " + file);
    EXPECT_EQ(outcome.code, 1) << file;
    EXPECT_TRUE(contains(outcome.err, part)) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  };
  expect_error("./p.vnnlib --force", "--certificate './p.vnnlib' is what is read");
  expect_error("run/best.safetensors --force", "is what is read; give another file");
  expect_error("run/model.safetensors", "is there already and is no certificate; --force writes");
  expect_error("nodir/proof.txt", "cannot write 'nodir/proof.txt': there is no folder 'nodir'");
  expect_error("run", "cannot write 'run': it is a directory");
  EXPECT_EQ(read_file(folder_ / "p.vnnlib"), property);
  EXPECT_EQ(read_file(folder_ / "run/best.safetensors"), weights);
  folder_.write("proof.txt", "notes");
  const std::string again = "verify run --property p.vnnlib --quiet --certificate proof.txt";
  EXPECT_EQ(run(again).code, 1);
  EXPECT_EQ(run(again + " --force").code, 0);
  EXPECT_EQ(run(again).code, 0) << "an older certificate is replaced";
  EXPECT_TRUE(read_file(folder_ / "proof.txt").starts_with("rectify certificate 1\n"));
}

TEST_F(Verify, WarnsOfAStrictInequalityThatItCannotKeep) {
  train();
  write_property("(< (+ Y_0 Y_1) 1e6)");
  EXPECT_TRUE(contains(run("verify run --property p.vnnlib").err, "strict inequality"));
}

TEST_F(Verify, RobustJudgesSamplesAndGoesOnWhereItWas) {
  train();
  const Outcome first = run("verify run --robust 0.05 --count 10 --timeout 1000 --out r");
  ASSERT_EQ(first.code, 0) << first.err;
  EXPECT_TRUE(contains(first.out, " of 10 test samples, each number changed by at most 0.05\n"))
      << first.out;
  const std::string lines = read_file(folder_ / "r/samples.jsonl");
  EXPECT_EQ(std::ranges::count(lines, '\n'), 11);
  EXPECT_TRUE(contains(read_file(folder_ / "r/report.html"), "are proven to keep"));
  // A kill in the middle of a line: that sample is judged again, the others are not.
  std::vector<std::string> parts = split(lines, '\n');
  ASSERT_TRUE(contains(parts[3], "\"sample\":2"));
  const std::size_t at = parts[3].find("\"seconds\":") + 10;
  parts[3] = parts[3].substr(0, at) + "12345.5" + parts[3].substr(parts[3].find(',', at));
  folder_.write("r/samples.jsonl", concat(parts[0], "\n", parts[1], "\n", parts[2], "\n", parts[3],
                                          "\n", parts[4].substr(0, 20)));
  const Outcome again = run("verify run --robust 0.05 --count 10 --timeout 1000 --out r --json");
  ASSERT_EQ(again.code, 0) << again.err;
  const Json json = Json::parse(again.out);
  EXPECT_EQ(json.at("results").at(2).at("seconds").get<double>(), 12345.5);
  EXPECT_NE(json.at("results").at(3).at("seconds").get<double>(), 12345.5);
  EXPECT_EQ(json.at("samples").get<int>(), 10);
  EXPECT_EQ(json.at("results").size(), 10u);
  const Outcome other = run("verify run --robust 0.06 --count 10 --timeout 1000 --out r");
  EXPECT_EQ(other.code, 1);
  EXPECT_TRUE(contains(other.err, "give another --out, or --force")) << other.err;
  EXPECT_EQ(run("verify run --robust 0.06 --count 2 --out r --force --quiet").code, 0);
  EXPECT_EQ(run("verify run --robust 0").code, 1);
  EXPECT_EQ(run("verify run --robust 0.1 --norm 3").code, 1);
  EXPECT_EQ(run("verify run --robust 0.1 --count 0").code, 1);
}

TEST_F(Verify, RobustFailsWhereASampleIsAttacked) {
  train();
  const auto judged = [&](const std::string& how) {
    const Outcome outcome = run("verify run --count 10 --timeout 1000 --json --quiet " + how);
    return std::pair(outcome.code, Json::parse(outcome.out));
  };
  const auto [fell, far] = judged("--robust 3 --fail");
  EXPECT_GT(far.at("attacked").get<int>(), 0);
  EXPECT_EQ(fell, 4);
  EXPECT_EQ(judged("--robust 3").first, 0);
  const auto [stayed, near] = judged("--robust 1e-6 --fail");
  EXPECT_GT(near.at("certified").get<int>(), 0);
  EXPECT_GT(near.at("wrong").get<int>(), 0) << "which do not count";
  EXPECT_EQ(stayed, 0);
}

TEST_F(Verify, RobustRefusesADamagedLineOfFinishedSamples) {
  train();
  const std::string command = "verify run --robust 0.05 --count 3 --timeout 1000 --out r";
  ASSERT_EQ(run(command).code, 0);
  std::string lines = read_file(folder_ / "r/samples.jsonl");
  const std::size_t at = lines.find("\"label\":", lines.find('\n', lines.find('\n') + 1));
  ASSERT_NE(at, lines.npos);
  folder_.write("r/samples.jsonl", lines.insert(at + 8, "9"));
  const Outcome damaged = run(command);
  EXPECT_EQ(damaged.code, 1);
  EXPECT_TRUE(contains(damaged.err, "samples.jsonl' line 3 is damaged: sample 1 has the label "))
      << damaged.err;
  EXPECT_TRUE(contains(damaged.err, "; --force begins anew")) << damaged.err;
  EXPECT_EQ(run(command + " --force").code, 0);
}

TEST_F(Verify, RobustShowsImagesThatFell) {
  const Outcome trained =
      run("train --data glyphs:train=300,test=40,difficulty=0 --model '28x28x1 : flatten | dense 12"
          " | relu | dense 10' --epochs 2 --validation 0 --threads 1 --quiet --out g");
  ASSERT_EQ(trained.code, 0) << trained.err;
  const Outcome outcome = run("verify g --robust 0.3 --count 8 --timeout 1000 --out r --quiet");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "at most 0.3 of the range")) << outcome.out;
  const std::string page = read_file(folder_ / "r/report.html");
  EXPECT_TRUE(contains(page, "Samples that fell"));
  EXPECT_TRUE(contains(page, "<img src=\"data:image/png;base64,iVBORw0KGgo"));
}

TEST_F(Verify, RobustLeavesWhatItHasWhenItIsInterrupted) {
  train();
  Process process(folder_.path(), "verify run --robust 0.2 --count 50 --timeout 1000 --out r");
  process.wait_for_file("r/samples.jsonl", 3);
  process.send(SIGINT);
  const int code = process.wait();
  EXPECT_TRUE(code == 130 || code == 0) << code;  // 0: it was as fast as the signal
  const Outcome on = run("verify run --robust 0.2 --count 50 --timeout 1000 --out r --json");
  EXPECT_EQ(on.code, 0) << on.err;
  EXPECT_EQ(Json::parse(on.out).at("results").size(), 50u);
}

TEST_F(Verify, TrainCertifyTellsTheCertifiedError) {
  const std::string how =
      "train --data moons:train=400,test=100 --model '2 : dense 16 | relu | dense "
      "2' --optimizer adam --lr 0.01 --weight-decay 0 --batch 32 --certify 0.1 "
      "--certify-warmup 1 --certify-ramp 4 --threads 1 ";
  const Outcome whole = run(how + "--epochs 8 --tensorboard events --out w");
  ASSERT_EQ(whole.code, 0) << whole.err;
  EXPECT_TRUE(contains(whole.err, ", certified 100.00 %, ")) << "the first epoch has no box yet";
  EXPECT_TRUE(contains(whole.out, ", certified error ")) << whole.out;
  EXPECT_TRUE(contains(whole.out, " % at 0.1, best epoch ")) << whole.out;
  const Json results = Json::parse(read_file(folder_ / "w/results.json"));
  const double certified = results.at("certified_error").get<double>();
  EXPECT_GE(certified, results.at("test_error").get<double>());
  EXPECT_LT(certified, 0.5);
  EXPECT_TRUE(results.at("history").at(7).contains("certified_error"));
  EXPECT_TRUE(contains(read_file(folder_ / "w/report.html"), "Certified error"));
  // What verify proves is at least what the intervals of training did.
  const Json judged =
      Json::parse(run("verify w --robust 0.1 --count 100 --timeout 1000 --json").out);
  EXPECT_GE(judged.at("certified").get<double>() / 100, 1 - certified - 1e-9);

  ASSERT_EQ(run(how + "--epochs 8 --certify-weight 1 --quiet --out r").code, 0);
  const std::string weights = read_file(folder_ / "w/model.safetensors");
  EXPECT_EQ(read_file(folder_ / "r/model.safetensors"), weights);
}

/// Answers from the literature (Katz et al. 2017, table): property 1 holds of network 1_1 and
/// property 2 does not of 2_1.
TEST_F(Verify, KnowsNetworksOfAcasXu) {
  const fs::path data = fs::path(RECTIFY_SHARED_DATA) / "acasxu";
  if (!fs::exists(data)) GTEST_SKIP() << "no " << data;
  const auto answer = [&](const char* network, const char* property) {
    const Outcome outcome = run(
        concat("verify ", (data / concat("ACASXU_run2a_", network, "_batch_2000.onnx")).string(),
               " --property ", (data / property).string(), " --json"));
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return Json::parse(outcome.out).at("answer").get<std::string>();
  };
  EXPECT_EQ(answer("1_1", "prop_3.vnnlib"), "holds");
  EXPECT_EQ(answer("2_1", "prop_2.vnnlib"), "violated");
}

}  // namespace
}  // namespace rectify::cli
