// sentences: a text that the program makes itself.

#include <gtest/gtest.h>

#include <map>
#include <regex>

#include "rectify/data/dataset.h"
#include "tests/helpers.h"

namespace rectify::data {
namespace {

Dataset sentences_of(const std::string& options) {
  ThreadPool threads(1);
  return open("sentences" + options, threads);
}

/// The whole text of a split: with all bytes as classes, an id is its character.
std::string text_of(const Split& split) {
  std::string text(split.bytes.begin(), split.bytes.end());
  return text + static_cast<char>(split.labels.back());
}

TEST(Sentences, SamplesFollowOneAnotherAndLabelsAreTheNextCharacters) {
  const Dataset data = sentences_of(":train=7,test=3,context=16,vocabulary=bytes");
  EXPECT_EQ(data.train.count, 7u);
  EXPECT_EQ(data.test.count, 3u);
  EXPECT_EQ(data.sample_shape, Shape{16});
  EXPECT_EQ(data.classes(), 256u);
  const std::string text = text_of(data.train);
  ASSERT_EQ(text.size(), 7u * 16 + 1);
  for (std::size_t i = 0; i < data.train.labels.size(); ++i)
    ASSERT_EQ(data.train.labels[i], text[i + 1]);
  EXPECT_NE(text.substr(0, 48), text_of(data.test).substr(0, 48));
}

TEST(Sentences, SumsAreRight) {
  const std::map<std::string, int> value = {
      {"zero", 0},     {"one", 1},      {"two", 2},        {"three", 3},     {"four", 4},
      {"five", 5},     {"six", 6},      {"seven", 7},      {"eight", 8},     {"nine", 9},
      {"ten", 10},     {"eleven", 11},  {"twelve", 12},    {"thirteen", 13}, {"fourteen", 14},
      {"fifteen", 15}, {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}};
  const std::string text = text_of(sentences_of(":train=200,vocabulary=bytes").train);
  const std::regex sum("([a-z]+) and ([a-z]+) make ([a-z]+)\\.");
  int sums = 0;
  for (std::sregex_iterator at(text.begin(), text.end(), sum), end; at != end; ++at, ++sums)
    EXPECT_EQ(value.at((*at)[1]) + value.at((*at)[2]), value.at((*at)[3])) << at->str();
  EXPECT_GT(sums, 50);
}

TEST(Sentences, VerbsAgreeWithTheirSubjectsAndFactsAreRepeated) {
  const std::string text = text_of(sentences_of(":train=400,vocabulary=bytes").train);
  const std::regex clause(
      "the (?:[a-z]+ )?[a-z]+?(s?) (?:that the (?:[a-z]+ )?[a-z]+?(s?) [a-z]+?(s?) )?"
      "(?:see|follow|help|know|hear|find|like|call)(s?) the [a-z ]+\\.");
  const std::regex fact(
      "([a-z]+) has a ([a-z]+ [a-z]+) and ([a-z]+) a ([a-z]+ [a-z]+)\\. "
      "the ([a-z]+) of ([a-z]+) is ([a-z]+)\\.");
  int clauses = 0, facts = 0;
  for (std::sregex_iterator at(text.begin(), text.end(), clause), end; at != end; ++at, ++clauses)
    EXPECT_NE((*at)[1].length(), (*at)[4].length()) << at->str();
  for (std::sregex_iterator at(text.begin(), text.end(), fact), end; at != end; ++at, ++facts) {
    const std::string told = (*at)[6] == (*at)[1] ? (*at)[2] : (*at)[4];
    EXPECT_NE((*at)[1], (*at)[3]);
    EXPECT_EQ(told, (*at)[7].str() + " " + (*at)[5].str()) << at->str();
  }
  EXPECT_GT(clauses, 100);
  EXPECT_GT(facts, 100);
}

TEST(Sentences, AreTheSameForASeedAndSayWhatIsWrong) {
  EXPECT_EQ(sentences_of(":train=5").train.bytes, sentences_of(":train=5").train.bytes);
  EXPECT_NE(sentences_of(":train=5").train.bytes, sentences_of(":train=5,seed=2").train.bytes);
  EXPECT_TRUE(contains(error_of([] { sentences_of(":trian=5"); }), "did you mean 'train'?"));
  EXPECT_TRUE(contains(error_of([] { sentences_of(":train=1"); }), "train must be"));
}

}  // namespace
}  // namespace rectify::data
