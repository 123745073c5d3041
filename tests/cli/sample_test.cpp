// A network that learnt a text goes on with it.
#include <gtest/gtest.h>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "tests/cli/program.h"

namespace rectify::cli {
namespace {

class Sample : public testing::Test {
 protected:
  void SetUp() override {
    std::string text;
    for (int i = 0; i < 300; ++i) text += "abc abd\n";
    write_file(folder_.path() / "t.txt", text);
    const Outcome trained = run(
        "train --quiet --data text:t.txt,context=8,stride=3 --epochs 3 --batch 4 --optimizer adam "
        "--lr 0.03 "
        "--model '8 : embedding 6 12 | positions | residual(layer_norm | dense 36 | attention 2 "
        "causal=yes | dense 12) | layer_norm | dense 6' --out learnt");
    ASSERT_EQ(trained.code, 0) << trained.err;
  }
  Outcome run(const std::string& arguments) { return run_program(folder_.path(), arguments); }
  TemporaryFolder folder_;
};

TEST_F(Sample, GoesOnWithTheTextThatItLearnt) {
  const Outcome done = run("sample learnt --prompt 'abc ab' --count 12 --temperature 0");
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(done.out, "abc abd\nabc abd\nab\n");
  const auto json =
      Json::parse(run("sample learnt --prompt 'abc ab' --count 12 --temperature 0 --json").out);
  EXPECT_EQ(json["text"], "d\nabc abd\nab");
  EXPECT_EQ(json["prompt"], "abc ab");
  for (const char* kept : {"bf16", "int8"})
    EXPECT_EQ(run(std::string("sample learnt --prompt 'abc ab' --count 12 --temperature 0 "
                              "--weights-as ") +
                  kept)
                  .out,
              done.out)
        << kept;
  const std::string hot = "sample learnt --count 60 --temperature 2 --seed ";
  EXPECT_EQ(run(hot + "1").out, run(hot + "1").out);
  EXPECT_NE(run(hot + "1").out, run(hot + "2").out);
}

TEST_F(Sample, SaysWhatIsWrong) {
  const auto said = [&](const std::string& flags, const std::string& words) {
    const Outcome wrong = run("sample " + flags);
    EXPECT_EQ(wrong.code, 1) << flags;
    EXPECT_NE(wrong.err.find(words), std::string::npos) << flags << ": " << wrong.err;
  };
  said("learnt --prompt abx", "character 3 of the prompt, 'x'");
  said("learnt --count 0", "--count");
  said("learnt --top -1", "--top");
  said("learnt --temperature -1", "--temperature");
  said("learnt --temperature nan", "--temperature");
  said("nowhere", "nowhere");
  ASSERT_EQ(run("train --quiet --data moons:train=100,test=50 --hidden 4 --epochs 1 --out m").code,
            0);
  said("m", "text:FILE");
}

}  // namespace
}  // namespace rectify::cli
