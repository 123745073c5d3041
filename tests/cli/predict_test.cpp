// New rows, pictures and arrays, from a file to the answers.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/model/file.h"
#include "tests/cli/program.h"
#include "tests/data/files.h"
#include "tests/helpers.h"

namespace rectify::cli {
namespace {

/// Plants whose kind is decided by their height: short ones are 'moss', tall ones 'tree'. 'shade'
/// is a text without meaning.
std::string plants(int rows) {
  std::string text = "height,shade,kind\n";
  for (int i = 0; i < rows; ++i)
    text += concat(i % 2 ? 1 + i % 7 * 0.1 : 9 + i % 5 * 0.1, i % 3 ? ",dark" : ",light",
                   i % 2 ? ",moss\n" : ",tree\n");
  return text;
}

class Predict : public testing::Test {
 protected:
  void SetUp() override {
    write("plants.csv", plants(120));
    ASSERT_EQ(run("train --data csv:plants.csv:kind --hidden 8 --out p").code, 0);
  }
  void write(const std::string& name, const std::string& text) {
    write_file(folder_.path() / name, text);
  }
  Outcome run(const std::string& arguments) { return run_program(folder_.path(), arguments); }
  /// One error, in one line, with exit code 1.
  void refuses(const std::string& arguments, const std::string& part) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, 1) << arguments;
    EXPECT_TRUE(contains(outcome.err, part)) << arguments << ": " << outcome.err;
    EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1) << outcome.err;
  }
  TemporaryFolder folder_;
};

TEST_F(Predict, AnswersEveryRowWithoutLabelsInItsOrderBesideItsSource) {
  // Columns in another order, one more, a missing field, and a text that training had not.
  write("new.csv", "name,shade,height\n\noak,dark,9.2\n\"fern, small\",light,1.1\nyew,twilight,\n");
  const Outcome outcome = run("predict p --data new.csv --id name");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto lines = split(outcome.out, '\n');
  ASSERT_EQ(lines.size(), 5u) << outcome.out;
  EXPECT_EQ(lines[0], "index,row,name,predicted,probability");
  EXPECT_TRUE(lines[1].starts_with("0,3,oak,tree,0.9")) << lines[1];
  EXPECT_TRUE(lines[2].starts_with("1,4,\"fern, small\",moss,0.9")) << lines[2];
  EXPECT_TRUE(lines[3].starts_with("2,5,yew,")) << lines[3];
  EXPECT_TRUE(contains(outcome.err, "column 'shade': 'twilight' did not occur in training"));
  EXPECT_FALSE(contains(outcome.err, "'name'")) << "it was asked for";
}

TEST_F(Predict, SaysWhatIsKnownAlreadyAndAllProbabilities) {
  write("labelled.csv", "kind,height,shade\nmoss,1.2,dark\n,9.1,light\nlichen,1,dark\n");
  const Json json = Json::parse(run("predict p --data labelled.csv --probabilities --json").out);
  const Json& answers = json["predictions"];
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(answers[0]["actual"], "moss");
  EXPECT_TRUE(answers[1]["actual"].is_null());
  EXPECT_EQ(answers[2]["actual"], "lichen");  // even a class that the model does not know
  EXPECT_EQ(answers[1]["row"], 3);
  EXPECT_EQ(json["classes"], (Json{"moss", "tree"}));
  for (const Json& answer : answers) {
    const auto outputs = answer["outputs"].get<std::vector<double>>();
    const auto p = answer["probabilities"].get<std::vector<double>>();
    EXPECT_NEAR(p[0], 1 / (1 + std::exp(outputs[1] - outputs[0])), 1e-6);
    EXPECT_NEAR(p[0] + p[1], 1, 1e-12);
  }
  const Outcome csv = run("predict p --data csv:labelled.csv:kind --probabilities");
  EXPECT_TRUE(csv.out.starts_with("index,row,predicted,probability,p=moss,p=tree,actual\n"));
}

TEST_F(Predict, ReadsStandardInput) {
  write("new.csv", "height,shade\n9,dark\n1,light\n");
  const Outcome file = run("predict p --data new.csv");
  const Outcome piped = run_program(folder_.path(), "predict p --data -", "cat new.csv |");
  EXPECT_EQ(piped.code, 0) << piped.err;
  EXPECT_EQ(piped.out, file.out);
}

TEST_F(Predict, AnswersWholeFilesButASplitThatIsAskedFor) {
  EXPECT_EQ(split(run("predict p --data plants.csv").out, '\n').size(), 122u);
  EXPECT_EQ(split(run("predict p --data csv:plants.csv:kind").out, '\n').size(), 122u);
  EXPECT_EQ(split(run("predict p --data csv:plants.csv:kind --split test").out, '\n').size(), 26u);
  EXPECT_TRUE(contains(run("eval p --data csv:plants.csv:kind --split all").out, "on 120 samples"));
}

TEST_F(Predict, DoesNotReplaceWhatItReads) {
  write("new.csv", "height,shade\n1,dark\n");
  refuses("predict p --data new.csv --out ./new.csv", "'./new.csv' is what is read");
  refuses("predict p --data csv:new.csv:kind --out new.csv", "'new.csv' is what is read");
  EXPECT_EQ(read_file(folder_.path() / "new.csv"), "height,shade\n1,dark\n");
}

TEST_F(Predict, RefusesWrongInputInOneLine) {
  write("short.csv", "shade\ndark\n");
  write("words.csv", "height,shade\ntall,dark\n");
  write("bare.csv", "9,dark\n");
  write("binary", std::string("ab\0cd", 5));
  write("ragged.csv", "height,shade\n1\n");
  std::filesystem::create_directory(folder_.path() / "empty");
  refuses("predict p --data short.csv", "lacks the column 'height', which the model was trained");
  refuses("predict p --data words.csv", "row 2, column 'height': 'tall' is not a number");
  refuses("predict p --data bare.csv", "has no row of names");
  refuses("predict p --data binary", "is no table, picture or .npy file");
  refuses("predict p --data ragged.csv", "row 2 has 1 fields but the first row has 2");
  refuses("predict p --data nowhere.csv", "'nowhere.csv': there is no such file or folder");
  refuses("predict p --data empty", "has no pictures");
  refuses("predict p --data plants.csv --id nme",
          "has no column 'nme'; known are height, shade, kind");
  refuses("predict p --data plants.csv --split test", "--split is for a SPEC");
  refuses("predict p --id name", "--id names a column of a table");
  refuses("eval p --data glyphs:train=100,test=10", "classes that the model does not know: '0'");
  refuses("eval p --data csv:plants.csv:kind --split some", "--split must be test, train or all");
}

TEST_F(Predict, MatchesClassesByNameOrRefusesThem) {
  // The same plants, without any moss among them: 'tree' is class 0 there, 1 in the model.
  std::string trees = "height,shade,kind\n";
  for (int i = 0; i < 40; ++i) trees += concat(9 + i % 5 * 0.1, ",dark,tree\n");
  write("trees.csv", trees);
  const Json all = Json::parse(run("eval p --data csv:trees.csv:kind --split all --json").out);
  EXPECT_LT(all["error"].get<double>(), 0.05);
  std::string fish = trees;
  for (std::size_t at; (at = fish.find("tree")) != std::string::npos;) fish.replace(at, 4, "fish");
  write("fish.csv", fish);
  refuses("eval p --data csv:fish.csv:kind",
          "has a class that the model does not know: 'fish'; it knows 'moss', 'tree'");
}

TEST(PredictNumbers, AreBesideTheActualOnesInTheirUnits) {
  const TemporaryFolder folder;
  std::string text = "x,y\n";
  for (int i = 0; i < 100; ++i) text += concat(i, ",", 1000 + 2 * i, ".5\n");
  write_file(folder.path() / "line.csv", text);
  const auto run = [&](const std::string& arguments) {
    return run_program(folder.path(), arguments);
  };
  ASSERT_EQ(run("train --data csv:line.csv:y --out l").code, 0);
  write_file(folder.path() / "new.csv", "x\n10\n80\n");
  const auto lines = split(run("predict l --data new.csv").out, '\n');
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0], "index,row,predicted");
  EXPECT_NEAR(*parse_number(split(lines[1], ',')[2]), 1020.5, 6);
  EXPECT_NEAR(*parse_number(split(lines[2], ',')[2]), 1160.5, 6);
  const Json known = Json::parse(run("predict l --data line.csv --json").out)["predictions"];
  EXPECT_EQ(known[7]["actual"], 1014.5);
  const Json scores = Json::parse(run("eval l --json").out);
  EXPECT_GT(scores["r2"].get<double>(), 0.98);
  EXPECT_LT(scores["mean_absolute_error"].get<double>(), scores["error"].get<double>() + 1e-9);
  EXPECT_GT(scores["baseline_error"].get<double>(), 40);
}

TEST(PredictTexts, AreRefusedForTheyHaveManyAnswersASample) {
  const TemporaryFolder folder;
  model::Model model("4 : embedding 3 3 | dense 3");
  model.loss = "softmax_cross_entropy";
  model.class_names = {"a", "b", "c"};
  model.normalisation.inputs = {{0, 1}};
  model::save(folder.path() / "text.safetensors", model::to_file(model));
  write_file(folder.path() / "ids.csv", "a,b,c,d\n0,1,2,0\n");
  const Outcome outcome = run_program(folder.path(), "predict text.safetensors --data ids.csv");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(
      contains(outcome.err, "predict writes one answer a sample, but 'text.safetensors' gives 4"))
      << outcome.err;
}

TEST(PredictPictures, AnswersOnePictureAndFoldersOfThem) {
  const TemporaryFolder folder;
  const auto run = [&](const std::string& arguments) {
    return run_program(folder.path(), arguments);
  };
  namespace fs = std::filesystem;
  const auto picture = [](int i, bool bright) {
    std::string bytes(64, static_cast<char>(bright ? 200 + i : 10 + i));
    return data::testing::png(8, 8, 1, bytes);
  };
  for (const char* kind : {"dark", "bright"}) {
    fs::create_directories(folder.path() / "set" / kind);
    for (int i = 0; i < 20; ++i)
      write_file(folder.path() / "set" / kind / concat(i, ".png"), picture(i, kind[0] == 'b'));
  }
  ASSERT_EQ(run("train --data images:set --hidden 8 --epochs 10 --out m").code, 0);
  fs::create_directories(folder.path() / "flat");
  write_file(folder.path() / "flat/b.png", picture(3, true));
  write_file(folder.path() / "flat/a.png", picture(3, false));
  const auto flat = split(run("predict m --data flat").out, '\n');
  ASSERT_EQ(flat.size(), 4u);
  EXPECT_EQ(flat[0], "index,file,predicted,probability");
  EXPECT_TRUE(flat[1].starts_with("0,a.png,dark,")) << flat[1];
  EXPECT_TRUE(flat[2].starts_with("1,b.png,bright,")) << flat[2];
  const auto one = split(run("predict m --data flat/b.png").out, '\n');
  EXPECT_TRUE(one.at(1).starts_with("0,flat/b.png,bright,")) << one.at(1);
  const Json known = Json::parse(run("predict m --data set --json").out)["predictions"];
  ASSERT_EQ(known.size(), 40u);
  EXPECT_EQ(known[0]["file"], "bright/0.png");
  EXPECT_EQ(known[0]["actual"], "bright");
}

TEST(PredictPictures, AreReadInTheShapeThatTheNetworkLearntFrom) {
  const TemporaryFolder folder;
  const auto run = [&](const std::string& arguments) {
    return run_program(folder.path(), arguments);
  };
  // 12x16 pixels in colours are three channels of 8x8; as many numbers as 12x16 grey pixels.
  for (const char* kind : {"blue", "red"}) {
    std::filesystem::create_directories(folder.path() / "set" / kind);
    for (int i = 0; i < 20; ++i) {
      std::string bytes;
      for (int pixel = 0; pixel < 12 * 16; ++pixel)
        bytes += {static_cast<char>(kind[0] == 'r' ? 120 + i : i), '\x10',
                  static_cast<char>(kind[0] == 'r' ? i : 120 + i)};
      write_file(folder.path() / "set" / kind / concat(i, ".png"),
                 data::testing::png(16, 12, 3, bytes));
    }
  }
  ASSERT_EQ(run("train --data images:set,size=8x8 --hidden 8 --epochs 10 --out m").code, 0);
  ASSERT_EQ(run("export m --out m.onnx").code, 0);
  for (const char* model : {"m", "m.onnx"}) {
    const Json all = Json::parse(run(concat("predict ", model, " --data set --json")).out);
    const Json answers = all["predictions"];
    ASSERT_EQ(answers.size(), 40u);
    for (std::size_t i = 0; i < answers.size(); ++i)
      EXPECT_EQ(answers[i]["predicted"], answers[i]["actual"]) << model << " " << i;
  }
}

}  // namespace
}  // namespace rectify::cli
