// Everywhere that the program shows, takes or writes options, it has all of the table.

#include <gtest/gtest.h>

#include "rectify/base/enumeration.h"
#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/train/option_table.h"
#include "tests/cli/program.h"

namespace rectify::cli {
namespace {

class OptionsOfTheProgram : public testing::Test {
 protected:
  Outcome run(const std::string& arguments) { return run_program(folder_.path(), arguments); }
  std::string file(const std::string& name) { return read_file(folder_.path() / name); }
  TemporaryFolder folder_;
};

/// Words with one space between them, so that it does not matter where lines were broken.
std::string words_of(const std::string& text) {
  std::string words;
  for (const std::string& line : split(text, '\n'))
    for (const std::string& word : split(line, ' '))
      if (!word.empty()) words += word + " ";
  return words;
}

bool set_by_each_run(const train::Option& option) {
  return option.name == "seed" || option.name == "weights";
}

TEST_F(OptionsOfTheProgram, AreAllInHelpWithDefaultAndRangeInEightyColumns) {
  for (const std::string verb : {"train", "compare"}) {
    const std::string help = run(verb + " --help").out, words = words_of(help);
    for (const std::string& line : split(help, '\n')) EXPECT_LE(line.size(), 80u) << line;
    train::Options usual;
    if (verb == "compare") usual.epochs = 10;
    for (const train::Option& option : train::option_table()) {
      if (option.name == "lr") continue;  // its default is a word
      if (verb == "compare" && set_by_each_run(option)) continue;
      const std::string value = train::text_of(option, usual);
      const std::string head = concat(train::flag_of(option), " ", train::word_of(option),
                                      value.empty() ? "" : "=", value, " ");
      EXPECT_NE(words.find(head), std::string::npos) << verb << " has no '" << head << "'";
      const std::string values = "[" + train::values_of(option) + "] ";
      EXPECT_NE(words.find(values, words.find(head)), std::string::npos) << head << values;
    }
    for (const train::Group group : all_values<train::Group>())
      EXPECT_NE(help.find("\n" + std::string(rectify::name_of(group)) + ":\n"), std::string::npos);
    EXPECT_NE(words.find("--lr RATE=" + std::string(verb == "train" ? "usual" : "auto") + " "),
              std::string::npos);
    EXPECT_NE(words.find("[above 0, up to 1e+38]"), std::string::npos);
  }
}

TEST_F(OptionsOfTheProgram, AreAllInConfigToml) {
  ASSERT_EQ(run("train --data moons:train=60,test=20 --model '2 : dense 4 | relu | dense 2' "
                "--epochs 1 --batch 16 --schedule step --decay-of dense1=0.01 --out t --quiet")
                .code,
            0);
  const std::string config = file("t/config.toml");
  for (const train::Option& option : train::option_table()) {
    const std::string line = "\n" + train::flag_of(option).substr(2) + " = ";
    const bool empty = option.name == "rate_of" || option.name == "augment" ||
                       option.name == "weights";  // nothing stands for nothing
    EXPECT_EQ(config.find(line) == std::string::npos, empty) << line << config;
  }
  EXPECT_NE(config.find("\nschedule = 'step'\n"), std::string::npos);
}

TEST_F(OptionsOfTheProgram, AreAllInTheResultsOfAComparison) {
  ASSERT_EQ(run("compare --data moons:train=60,test=20 --hidden 4 --epochs 1 --seeds 1 --lr 0.1 "
                "--batch 128 --activations relu --out c --quiet")
                .code,
            0);
  const Json config = Json::parse(file("c/results.json"))["config"];
  const std::string page = file("c/report.html");
  for (const train::Option& option : train::option_table()) {
    if (option.name == "model" || set_by_each_run(option)) continue;
    EXPECT_TRUE(config.contains(option.title)) << option.title << " is not in " << config.dump(2);
    EXPECT_NE(page.find(concat(">", option.title, "</th>")), std::string::npos) << option.title;
  }
  EXPECT_EQ(config["learning rate"], "0.1");
  EXPECT_NE(page.find("learning rate</th><td><strong>0.1</strong>"), std::string::npos);
  EXPECT_NE(page.find("batch</th><td>128</td>"), std::string::npos);
}

TEST_F(OptionsOfTheProgram, AreListedByAVerbThatAlsoWritesTheirDocument) {
  const Outcome listed = run("options");
  for (const std::string& line : split(listed.out, '\n')) EXPECT_LE(line.size(), 80u) << line;
  const Json json = Json::parse(run("options --json").out)["options"];
  ASSERT_EQ(json.size(), train::option_table().size());
  for (std::size_t i = 0; i < json.size(); ++i) {
    const train::Option& option = train::option_table()[i];
    EXPECT_NE(listed.out.find("\n  " + train::flag_of(option)), std::string::npos) << option.name;
    EXPECT_EQ(json[i]["name"], option.name);
    EXPECT_EQ(json[i]["choices"].size(), train::choices_of(option).size()) << option.name;
  }
  write_file(folder_.path() / "page.md",
             "a\n<!-- rectify options -->\nold\n<!-- end of rectify options -->\nb\n");
  ASSERT_EQ(run("options --page page.md").code, 0);
  const std::string page = file("page.md");
  EXPECT_TRUE(page.starts_with("a\n<!-- rectify options -->\n\n### Task\n")) << page;
  EXPECT_TRUE(page.ends_with(" |\n\n<!-- end of rectify options -->\nb\n")) << page;
  EXPECT_EQ(page.find("\nold\n"), std::string::npos);
  write_file(folder_.path() / "other.md", "a\n");
  const Outcome refused = run("options --page other.md");
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.err.find("'other.md': there is no section"), std::string::npos) << refused.err;
}

}  // namespace
}  // namespace rectify::cli
