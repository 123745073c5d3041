// text:FILE: characters as ids, the next ones as labels.

#include <gtest/gtest.h>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/data/dataset.h"
#include "rectify/data/formats/characters.h"
#include "tests/data/idx_files.h"

namespace rectify::data {
namespace {

class Text : public ::testing::Test {
 protected:
  Dataset read(const std::string& content, const std::string& options) {
    write_file(path(), content);
    ThreadPool threads(1);
    return open("text:" + path() + options, threads);
  }
  std::string error_of(const std::string& content, const std::string& options) {
    try {
      read(content, options);
    } catch (const Error& error) {
      return error.what();
    }
    return {};
  }
  std::string path() const { return folder_.string() + "/a.txt"; }

 private:
  TemporaryFolder folder_;
};

/// The characters that ids stand for.
template <class Ids>
std::string spelled(const Dataset& data, const Ids& ids) {
  std::string text;
  for (const auto id : ids)
    text += static_cast<char>(*character_of(data.class_names[static_cast<std::size_t>(id)]));
  return text;
}

TEST_F(Text, SamplesAreStretchesAndLabelsTheNextCharacters) {
  ThreadPool threads(1);
  const Dataset data = read("the cat\nsat on it. end of it", ",context=4,test=0.3");
  EXPECT_EQ(data.sample_shape, Shape{4});
  EXPECT_EQ(data.label_width, 4);
  EXPECT_TRUE(data.ids);
  EXPECT_EQ(data.train.count, 4u);
  EXPECT_EQ(spelled(data, data.train.bytes), "the cat\nsat on i");
  EXPECT_EQ(spelled(data, data.train.labels), "he cat\nsat on it");
  EXPECT_EQ(data.test.count, 1u);
  EXPECT_EQ(spelled(data, data.test.bytes), "nd o");
  EXPECT_EQ(spelled(data, data.test.labels), "d of");
  EXPECT_EQ(data.class_names.front(), "\\n");
  EXPECT_EQ(data.class_names[1], " ");
  EXPECT_EQ(normalisation_of(data, {}, threads).inputs, std::vector<Scaling>(1))
      << "ids stay as they are";
}

TEST_F(Text, SamplesMayOverlapAndAllBytesMayBeClasses) {
  const std::string content = "abcabcabcabcabcabcabcabc";
  EXPECT_EQ(read(content, ",context=4").classes(), 3u);
  const Dataset data = read(content, ",context=4,stride=2,vocabulary=bytes");
  EXPECT_EQ(data.classes(), 256u);
  EXPECT_EQ(data.train.count, 8u);
  EXPECT_EQ(data.train.bytes[0], 'a');
  EXPECT_EQ(data.train.bytes[4], 'c');
  EXPECT_EQ(spelled(data, data.train.labels).substr(0, 8), "bcababca");
}

TEST_F(Text, NamesOfCharactersAreTheirsAlone) {
  for (int byte = 0; byte < 256; ++byte)
    EXPECT_EQ(character_of(character_name(static_cast<std::uint8_t>(byte))), byte);
  EXPECT_EQ(character_name(0xe2), "\\xe2");
  EXPECT_FALSE(character_of("no"));
}

TEST_F(Text, SaysWhatIsWrong) {
  EXPECT_NE(error_of("too short", ",context=4").find("too few"), std::string::npos);
  EXPECT_NE(error_of("", "").find("too few"), std::string::npos);
  EXPECT_NE(error_of("abc", ",contxt=4").find("did you mean 'context'"), std::string::npos);
  EXPECT_NE(error_of("abc", ",context=0").find("context must be"), std::string::npos);
  ThreadPool threads(1);
  EXPECT_THROW(open("text:/no/such/file", threads), Error);
  EXPECT_THROW(open("text:,context=4", threads), Error);
}

}  // namespace
}  // namespace rectify::data
