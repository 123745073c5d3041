// rectify regions, as a person runs it.

#include <gtest/gtest.h>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "tests/cli/program.h"
#include "tests/helpers.h"

namespace rectify::cli {
namespace {

class Regions : public testing::Test {
 protected:
  Outcome run(const std::string& arguments) { return run_program(folder_.path(), arguments); }

  void train(const std::string& data, const std::string& model) {
    const Outcome trained = run("train --data " + data + " --model '" + model +
                                "' --epochs 1 --validation 0 --threads 1 --quiet --out run");
    ASSERT_EQ(trained.code, 0) << trained.err;
  }
  void expect_error(const std::string& arguments, const std::vector<std::string>& parts) {
    const Outcome outcome = run("regions " + arguments);
    EXPECT_EQ(outcome.code, 1);
    for (const std::string& part : parts)
      EXPECT_TRUE(contains(outcome.err, part)) << outcome.err << ": " << part;
  }

  TemporaryFolder folder_;
};

constexpr const char* moons = "moons:train=200,test=50";

TEST_F(Regions, CountPiecesAndDrawThePlane) {
  train(moons, "2 : dense 8 | relu | dense 8 | relu | dense 2");
  const Outcome text = run("regions run --out pictures --quiet");
  EXPECT_EQ(text.code, 0) << text.err;
  for (const char* part :
       {"segment", "0 to 1", "plane through the three: ", " patterns in a square",
        "patterns of 50 test samples", "relu2", "pictures/plane.png"})
    EXPECT_TRUE(contains(text.out, part)) << text.out << ": " << part;
  EXPECT_TRUE(read_file(folder_.path() / "pictures/plane.png").starts_with("\x89PNG"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "pictures/weights.png"))
      << "points are no images";

  const Outcome one = run("regions run --samples 3,4,7 --json --threads 1"),
                two = run("regions run --samples 3,4,7 --json --threads 2");
  EXPECT_EQ(one.out, two.out);
  const Json json = Json::parse(one.out);
  const auto whole = [](const Json& value) { return value.get<int>(); };
  EXPECT_EQ(whole(json.at("schema")), 1);
  EXPECT_EQ(json.at("samples").get<std::vector<int>>(), (std::vector<int>{3, 4, 7}));
  ASSERT_EQ(json.at("segments").size(), 3u);
  for (const Json& segment : json.at("segments")) {
    EXPECT_GE(whole(segment.at("patterns")), whole(segment.at("pieces")));
    EXPECT_GE(whole(segment.at("pieces")), 1);
    EXPECT_EQ(segment.at("layers").size(), 2u);
    EXPECT_GE(whole(json.at("plane").at("patterns")), whole(segment.at("patterns")));
  }
  EXPECT_TRUE(json.at("plane").at("complete").get<bool>());
  EXPECT_EQ(whole(json.at("patterns").at("samples")), 50);
}

TEST_F(Regions, OfImagesAlsoShowSaliencyAndWeights) {
  train("glyphs:train=300,test=60,difficulty=0", "28x28x1 : flatten | dense 12 | relu | dense 10");
  const Outcome outcome = run("regions run --out pictures --count 20 --quiet");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "patterns of 20 test samples"));
  for (const char* name : {"plane.png", "saliency.png", "weights.png"})
    EXPECT_TRUE(read_file(folder_.path() / "pictures" / name).starts_with("\x89PNG")) << name;
}

TEST_F(Regions, SayThatThereAreMorePiecesThanTheLimit) {
  train(moons, "2 : dense 20 | relu | dense 20 | relu | dense 2");
  const Outcome text = run("regions run --limit 5 --out pictures --quiet");
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_TRUE(contains(text.out, "three: more than 5 patterns (--limit)")) << text.out;
  EXPECT_TRUE(contains(text.out, "more than 5 patterns (--limit)")) << text.out;
  const Json plane = Json::parse(run("regions run --limit 5 --json").out).at("plane");
  EXPECT_FALSE(plane.at("complete").get<bool>());
  EXPECT_TRUE(plane.at("pieces").is_null());
}

TEST_F(Regions, KeepTheirTableTo80Columns) {
  std::string rows = "x,y,label\n";
  for (int i = 0; i < 200; ++i) {
    const int x = i % 10 + 1, y = i / 10 % 7;
    rows += concat(i % 2 ? x : -x, ",", y, i % 2 ? ",positive side\n" : ",negative side\n");
  }
  write_file(folder_.path() / "sides.csv", rows);
  const Outcome trained =
      run("train --data csv:sides.csv:label --model '2 : dense 8 | relu | dense 2' --optimizer "
          "adam --lr 0.02 --batch 16 --epochs 20 --validation 0 --threads 1 --quiet --out run");
  ASSERT_EQ(trained.code, 0) << trained.err;
  const Outcome text = run("regions run --split all --samples 0,1,22 --quiet");
  ASSERT_EQ(text.code, 0) << text.err;
  const std::string below = "\n" + std::string(52, ' ');
  EXPECT_TRUE(contains(text.out, "  negative side," + below + "positive side from 0.")) << text.out;
  EXPECT_LE(longest_line(text.out), 80u) << text.out;
}

TEST_F(Regions, MakeTheFolderBeforeTheyLook) {
  train(moons, "2 : dense 4 | relu | dense 2");
  write_file(folder_.path() / "taken", "a file");
  expect_error("run --out taken/p", {"rectify: error: cannot make the folder 'taken/p': "});
  expect_error("run --samples 0,1,50 --out pictures", {"no sample 50"});
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "pictures"));
}

TEST_F(Regions, RefuseWrongSamplesAndNumbers) {
  train(moons, "2 : dense 4 | relu | dense 2");
  expect_error("run --samples 0,1,50", {"no sample 50", "has 50"});
  expect_error("run --samples 0,1,1", {"sample 1 twice"});
  expect_error("run --samples 0,1", {"three numbers, not 2"});
  expect_error("run --samples 0,1,x", {"three numbers", "'0,1,x'"});
  expect_error("run --samples 0,1,-2", {"three numbers"});
  expect_error("run --count 0", {"--count must be 1 or more, not 0"});
  expect_error("run --limit 0", {"--limit must be 1 or more, not 0"});
  expect_error("run --data glyphs:train=20,test=10", {"glyphs:train=20,test=10", "does not know"});
  expect_error("nowhere", {"nowhere"});
}

TEST_F(Regions, RefuseEqualSamples) {
  write_file(folder_.path() / "same.csv",
             "x,y,label\n1,2,a\n1,2,b\n1,2,a\n3,1,b\n5,2,a\n4,9,b\n2,2,a\n7,1,b\n");
  train("csv:same.csv:label", "2 : dense 4 | relu | dense 2");
  expect_error("run --split all --samples 0,2,4", {"samples 0 and 2 are the same input"});
}

TEST_F(Regions, NameTheNodeThatHasNoPieces) {
  train(moons, "2 : dense 4 | relu | dense 4 | tanh | dense 2");
  expect_error("run", {"'tanh1'", "not piecewise linear"});
}

}  // namespace
}  // namespace rectify::cli
