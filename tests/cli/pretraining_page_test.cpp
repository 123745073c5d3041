// What pretrain and resume leave as report.html, and the list of kinds.

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "tests/cli/program.h"

namespace rectify::cli {
namespace {

constexpr const char* small_stack =
    "pretrain --data glyphs:train=600,test=200,difficulty=0 --stack 'rbm 16 | rbm 8 nrelu' ";

class PretrainingPage : public testing::Test {
 protected:
  Outcome run(const std::string& arguments) { return run_program(folder_.path(), arguments); }
  std::string file(const std::string& name) { return read_file(folder_.path() / name); }
  static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }
  /// The command in the box of that name, as a person would copy it, without "rectify".
  std::string command_in(const std::string& page, const std::string& id) {
    const std::string open = "<code id=\"" + id + "\">rectify ";
    const std::size_t at = page.find(open);
    if (at == std::string::npos) return {};
    std::string text = page.substr(at + open.size(), page.find('<', at + 1) - at - open.size());
    for (std::size_t quote = 0; (quote = text.find("&#39;", quote)) != std::string::npos;)
      text.replace(quote, 5, "'");
    return text;
  }
  TemporaryFolder folder_;
};

TEST_F(PretrainingPage, ShowsWhatWasLearntAndItsCommandsCanBeRun) {
  const Outcome done = run(std::string(small_stack) + "--epochs 2 --out p");
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(has(done.err, "report: p/report.html\n")) << done.err;
  const std::string page = file("p/report.html");
  EXPECT_TRUE(has(page, ">2 layers learnt from 540 samples without labels in "))
      << "a tenth is held";
  EXPECT_TRUE(has(page, "<h3>Filters</h3>"));
  EXPECT_TRUE(has(page, "<h3>Reconstructions</h3>"));
  EXPECT_TRUE(has(page, "<img src=\"data:image/png;base64,iVBORw0KGgo"));
  const Json results = Json::parse(file("p/results.json"));
  EXPECT_EQ(results["history"].size(), 4u);
  EXPECT_TRUE(has(page, "rbm 16 | rbm 8 nrelu, on glyphs:train=600,test=200,difficulty=0."));
  EXPECT_FALSE(has(page, "label smoothing")) << "no layer reads it";

  ASSERT_EQ(run(command_in(page, "command") + " --quiet").code, 0);
  EXPECT_EQ(file("again/model.safetensors"), file("p/model.safetensors"));
  const std::string next = command_in(page, "next-command");
  EXPECT_EQ(next, "train --init p --data glyphs:train=600,test=200,difficulty=0 --out p-fine");
  EXPECT_EQ(run(next + " --epochs 1 --quiet").code, 0);
}

TEST_F(PretrainingPage, OfATableHasNoPictures) {
  std::string csv = "a,b,y\n";
  for (int i = 0; i < 200; ++i) csv += concat(i % 17, ",", i % 5, ".5,", i % 2, "\n");
  write_file(folder_ / "t.csv", csv);
  ASSERT_EQ(run("pretrain --data csv:t.csv:y --stack 'rbm 8' --epochs 2 --out t --quiet").code, 0);
  const std::string page = file("t/report.html");
  EXPECT_TRUE(has(page, ">1 layer learnt from "));
  EXPECT_FALSE(has(page, "<img"));
  EXPECT_FALSE(has(page, "What was learnt"));
  EXPECT_TRUE(has(page, "<dt>Reconstruction error"));
  EXPECT_FALSE(has(page, "principal component")) << "8 of 2 numbers would miss nothing";
}

TEST_F(PretrainingPage, ShowsTheLayersUnrolled) {
  ASSERT_EQ(run(std::string(small_stack) + "--epochs 1 --unroll 2 --out u --quiet").code, 0);
  const std::string page = file("u/report.html");
  EXPECT_TRUE(has(page, ">2 layers learnt from 540 samples"));
  EXPECT_TRUE(has(page, "<th scope=\"row\">unrolled</th>"));
  EXPECT_TRUE(has(page, "<td>2 of 2</td>"));
}

TEST_F(PretrainingPage, IsLeftByAPretrainingThatWentNonFiniteWithARateToTry) {
  const Outcome failed = run(std::string(small_stack) + "--lr 1e30 --epochs 3 --out f");
  EXPECT_EQ(failed.code, 3) << failed.err;
  EXPECT_TRUE(has(failed.err, "report: f/report.html\n")) << failed.err;
  EXPECT_TRUE(has(failed.err,
                  "; to try a lower rate in its place: rectify pretrain --config "
                  "f/config.toml --lr 1e29 --out f --force"))
      << failed.err;
  const std::string page = file("f/report.html");
  EXPECT_TRUE(has(page, "<h1 class=\"short\">Layer 1: training went non-finite in "));
  EXPECT_TRUE(has(command_in(page, "next-command"), "pretrain --config f/config.toml --lr "));
}

TEST_F(PretrainingPage, IsLeftByAnInterruptAndWrittenAnewByResume) {
  const std::string asked = std::string(small_stack) + "--epochs 20 --batch 4 --out i";
  ASSERT_EQ(run_and_signal(
                folder_.path(), [&] { return asked; }, "i", 3, SIGINT),
            130);
  const std::string page = file("i/report.html");
  EXPECT_TRUE(has(page, ">Stopped in layer 1, after "));
  EXPECT_EQ(command_in(page, "next-command"), "resume i");
  ASSERT_EQ(run("resume i --quiet").code, 0);
  EXPECT_TRUE(has(file("i/report.html"), ">2 layers learnt from 540 samples"));
}

TEST_F(PretrainingPage, KindsFitATerminalWithTheirMeaningsInOneColumn) {
  const Outcome kinds = run("pretrain --kinds");
  ASSERT_EQ(kinds.code, 0) << kinds.err;
  std::size_t meanings = 0, lines = 0;  // of the kind or the list of units that is being read
  for (const std::string& line : split(kinds.out, '\n')) {
    EXPECT_LE(line.size(), 80u) << line;
    if (!line.starts_with("  ")) {
      meanings = 0;
      continue;
    }
    const std::size_t first = line.find_first_not_of(' ');
    const std::size_t at = first > 2 ? first : line.find_first_not_of(' ', line.find("  ", first));
    if (meanings == 0) meanings = at;
    EXPECT_EQ(at, meanings) << line;
    ++lines;
  }
  EXPECT_GT(lines, 20u) << kinds.out;
}

}  // namespace
}  // namespace rectify::cli
