#include "rectify/data/images/image_folder.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "rectify/base/file.h"
#include "tests/data/files.h"

namespace rectify::data {
namespace {

namespace fs = std::filesystem;
using testing::error_of;
using testing::jpeg;
using testing::png;

/// Sets a variable of the environment, until it goes.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    set(value);
  }
  ~Variable() {
    if (before_)
      set(*before_);
    else
      unsetenv(name_);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  void set(const std::string& value) { setenv(name_, value.c_str(), 1); }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

/// A folder of pictures, with a cache folder of its own.
class ImageFolder : public ::testing::Test {
 protected:
  void put(const std::string& name, const std::string& content) {
    fs::create_directories(fs::path(pictures_.string() + "/" + name).parent_path());
    pictures_.write(name, content);
  }
  void put_grey(const std::string& name, char grey) { put(name, png(2, 1, 1, {grey, grey})); }

  /// Two classes of ten, and a test split of two.
  void put_all() {
    for (char i = 0; i < 10; ++i) {
      const std::string digit(1, static_cast<char>('0' + i));
      put_grey("train/cat/" + digit + ".png", i);
      put_grey("train/dog/" + digit + ".PNG", static_cast<char>(i + 50));
    }
    put_grey("test/cat/x.png", 99);
    put_grey("test/dog/x.png", 100);
  }

  Dataset read() { return open("images:" + pictures_.string(), threads_); }
  std::string read_error() {
    return error_of([&] { read(); });
  }
  std::vector<fs::path> cached() {
    std::vector<fs::path> files;
    const fs::path folder = cache_.string() + "/rectify";
    if (fs::exists(folder))
      for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
    return files;
  }

  TemporaryFolder pictures_, cache_;
  Variable place_{"XDG_CACHE_HOME", cache_.string()}, home_{"HOME", cache_.string() + "/home"};
  ThreadPool threads_{2};
};

TEST_F(ImageFolder, HasAClassForEachFolderInAlphabeticalOrder) {
  put_all();
  put("train/dog/notes.txt", "no picture");
  put("train/.hidden/x", "no class");
  const Dataset dataset = read();
  EXPECT_EQ(dataset.class_names, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(dataset.sample_shape, (Shape{1, 2, 1}));
  ASSERT_EQ(dataset.train.count, 20u);
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(dataset.train.labels[i], i < 10 ? 0 : 1);
    EXPECT_EQ(dataset.train.bytes[2 * i], i < 10 ? i : i + 40);
  }
  EXPECT_EQ(dataset.test.bytes, (std::vector<std::uint8_t>{99, 99, 100, 100}));
  EXPECT_TRUE(dataset.notes.empty());
}

TEST_F(ImageFolder, WithoutSplitsHoldsOutAFifthAndSaysSo) {
  for (char i = 0; i < 10; ++i)
    for (const char* name : {"a", "b"})
      put_grey(std::string(name) + "/" + static_cast<char>('0' + i) + ".png", i);
  const Dataset dataset = read();
  EXPECT_EQ(dataset.train.count, 16u);
  EXPECT_EQ(dataset.test.count, 4u);
  EXPECT_EQ(dataset.test.labels, (std::vector<std::int32_t>{0, 0, 1, 1}));
  ASSERT_EQ(dataset.notes.size(), 1u);
  EXPECT_NE(dataset.notes[0].find("4 of 20"), std::string::npos);
}

TEST_F(ImageFolder, HasThreeChannelsAsSoonAsOnePictureHasColour) {
  put_all();
  put("test/dog/y.png", png(2, 1, 3, "abcdef"));
  const Dataset dataset = read();
  EXPECT_EQ(dataset.sample_shape, (Shape{1, 2, 3}));
  EXPECT_EQ(dataset.train.bytes.size(), 20u * 6);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(dataset.train.bytes[60 + i], 50);
  EXPECT_EQ(dataset.test.bytes[17], 'f');
}

TEST_F(ImageFolder, ReadsBothFormats) {
  put("a/1.jpeg", jpeg(8, 8, 1, std::string(64, '\x40')));
  for (const char* name : {"a/2.png", "a/3.png"}) put(name, png(8, 8, 1, std::string(64, '\x40')));
  const Dataset dataset = read();
  for (const std::uint8_t v : dataset.train.bytes) EXPECT_NEAR(v, 64, 2);
}

TEST_F(ImageFolder, IsDecodedOnceAndAgainWhenAFileChanges) {
  put_all();
  const std::uint64_t first = fingerprint(read());
  ASSERT_EQ(cached().size(), 1u);
  // What stands in the cache is what comes out: not the pictures, which have not changed.
  std::string content = read_file(cached()[0]);
  EXPECT_EQ(content.size(), 56u + 44);
  EXPECT_EQ(fingerprint(read()), first);
  put_grey("train/cat/3.png", 77);
  fs::last_write_time(pictures_.string() + "/train/cat/3.png",
                      fs::file_time_type::clock::now() + std::chrono::seconds(5));
  EXPECT_EQ(read().train.bytes[6], 77);
  put_grey("train/cat/33.png", 78);
  EXPECT_EQ(read().train.count, 21u);
  fs::remove(pictures_.string() + "/train/cat/33.png");
  EXPECT_EQ(read().train.count, 20u);
  EXPECT_EQ(cached().size(), 1u);
}

TEST_F(ImageFolder, IsDecodedAgainWhenTheCacheIsDamaged) {
  put_all();
  const std::uint64_t first = fingerprint(read());
  const fs::path file = cached().at(0);
  const std::string good = read_file(file);
  for (std::size_t cut = 0; cut < good.size(); cut += 9) {
    write_file(file, good.substr(0, cut));
    ASSERT_EQ(fingerprint(read()), first) << "cut at " << cut;
    std::string flipped = good;
    flipped[cut] ^= 64;
    write_file(file, flipped);
    ASSERT_EQ(fingerprint(read()), first) << "flipped at " << cut;
    EXPECT_EQ(read_file(file), good);
  }
  write_file(file, good + "x");
  EXPECT_EQ(fingerprint(read()), first);
}

TEST_F(ImageFolder, NeedsNoCache) {
  put_all();
  const std::uint64_t first = fingerprint(read());
  const std::string file = cache_.write("file", "");
  for (const std::string& place : {file, file + "/below", std::string("relative")}) {
    place_.set(place);
    home_.set(file);
    EXPECT_EQ(fingerprint(read()), first);
  }
  EXPECT_FALSE(fs::exists("relative"));
}

TEST_F(ImageFolder, NamesTheOddFileAndBothSizes) {
  put_all();
  put("train/dog/5.png", png(3, 4, 1, std::string(12, 'x')));
  const std::string error = read_error();
  EXPECT_NE(error.find("train/dog/5.png' is 3x4 pixels"), std::string::npos) << error;
  EXPECT_NE(error.find("train/cat/0.png' is 2x1"), std::string::npos) << error;
}

TEST_F(ImageFolder, WithASizeTakesPicturesOfAnySize) {
  put("cat/1.png", png(4, 4, 1,
                       std::string("\0\x46\x8c\xd2", 4) + std::string("\0\x46\x8c\xd2", 4) +
                           std::string("\0\x46\x8c\xd2", 4) + std::string("\0\x46\x8c\xd2", 4)));
  put("cat/2.png", png(6, 2, 1, "abcdefghijkl"));
  put("dog/1.png", png(2, 2, 1, "wxyz"));
  put("dog/2.png", png(1, 1, 1, "o"));
  for (const char* name : {"cat/3.png", "cat/4.png", "dog/3.png", "dog/4.png"})
    put(name, png(2, 2, 1, "wxyz"));
  EXPECT_NE(read_error().find("pictures are not 4x4 pixels like"), std::string::npos)
      << read_error();
  EXPECT_NE(read_error().find("2.png' is 6x2; "), std::string::npos) << read_error();
  const Dataset dataset = open("images:" + pictures_.string() + ",size=2x2", threads_);
  EXPECT_EQ(dataset.sample_shape, (Shape{2, 2, 1}));
  std::string all;
  for (const Split* split : {&dataset.train, &dataset.test})
    all.append(split->bytes.begin(), split->bytes.end());
  for (const std::string& sample : {std::string("\x32\xa0\x32\xa0"), std::string("cdij"),
                                    std::string("wxyz"), std::string("oooo")})
    EXPECT_NE(all.find(sample), std::string::npos) << sample;
  const Dataset colours =
      open("images:" + pictures_.string() + ", size = 2 , channels=3", threads_);
  EXPECT_EQ(colours.sample_shape, (Shape{2, 2, 3}));
  EXPECT_EQ(cached().size(), 2u) << "one for each size";
  EXPECT_EQ(fingerprint(open("images:" + pictures_.string() + ",size=2x2", threads_)),
            fingerprint(dataset))
      << "from the cache";
}

TEST_F(ImageFolder, MakesColoursGreyWhereOneChannelIsAskedFor) {
  put_all();
  put("test/dog/y.png", png(2, 1, 3, std::string("\xff\0\0\0\xff\0", 6)));
  const Dataset dataset = open("images:" + pictures_.string() + ",channels=1", threads_);
  EXPECT_EQ(dataset.sample_shape, (Shape{1, 2, 1}));
  EXPECT_EQ(dataset.test.bytes[4], 76);
  EXPECT_EQ(dataset.test.bytes[5], 150);
}

TEST_F(ImageFolder, SaysHowManyPicturesWereLaidOnWhite) {
  put_all();
  put("test/dog/y.png", png(2, 1, 2, std::string("\x0a\xff\x0a\0", 4)));
  for (const char* from : {"decoded", "cached"}) {
    const Dataset dataset = read();
    EXPECT_EQ(dataset.test.bytes[5], 255);
    ASSERT_EQ(dataset.notes.size(), 1u) << from;
    EXPECT_EQ(dataset.notes[0], "1 picture has transparent parts, which are laid on white");
  }
}

TEST_F(ImageFolder, ListsAllBadFilesOrLeavesThemOut) {
  put_all();
  put("train/cat/4.png", "");
  put("train/dog/5.PNG", "GIF89a");
  put("test/dog/z.png", png(2, 1, 1, "ab").substr(0, 40));
  const std::string error = read_error();
  EXPECT_NE(error.find("3 of 23 pictures cannot be read: "), std::string::npos) << error;
  for (const char* part : {"train/cat/4.png' is empty", "train/dog/5.PNG' is neither",
                           "test/dog/z.png' is a damaged PNG", "bad=skip"})
    EXPECT_NE(error.find(part), std::string::npos) << error;
  EXPECT_EQ(error.find('\n'), std::string::npos);
  const Dataset dataset = open("images:" + pictures_.string() + ",bad=skip", threads_);
  EXPECT_EQ(dataset.train.count, 18u);
  EXPECT_EQ(dataset.test.count, 2u);
  EXPECT_EQ(dataset.train.bytes.size(), 36u);
  EXPECT_EQ(dataset.train.bytes[8], 5) << "the one after the bad one moves up";
  EXPECT_EQ(dataset.train.labels[8], 0);
  EXPECT_EQ(dataset.train.labels[9], 1);
  ASSERT_EQ(dataset.notes.size(), 1u);
  EXPECT_NE(dataset.notes[0].find("3 of 23 pictures cannot be read and are left out: "),
            std::string::npos);
}

TEST_F(ImageFolder, NamesTenBadFilesAndCountsTheOthers) {
  put_all();
  for (char i = 0; i < 14; ++i)
    put("train/cat/bad" + std::string(1, static_cast<char>('a' + i)) + ".png", "");
  const std::string error = read_error();
  EXPECT_NE(error.find("14 of 36 pictures"), std::string::npos) << error;
  EXPECT_NE(error.find("badj.png' is empty and 4 more; "), std::string::npos) << error;
  EXPECT_EQ(error.find("badk.png"), std::string::npos) << error;
}

TEST_F(ImageFolder, RefusesAClassOfBadFilesAloneAndAFolderOfThem) {
  put_all();
  put("train/owl/1.png", "");
  const auto error = [&] {
    return error_of([&] { open("images:" + pictures_.string() + ",bad=skip", threads_); });
  };
  EXPECT_NE(error().find("no training picture of class 'owl'"), std::string::npos) << error();
  fs::remove_all(pictures_.string() + "/train");
  fs::remove_all(pictures_.string() + "/test");
  put("cat/1.png", "");
  put("cat/2.png", "");
  EXPECT_NE(error().find("2 of 2 pictures cannot be read"), std::string::npos) << error();
}

TEST_F(ImageFolder, OpensFoldersWhoseNamesHaveCommas) {
  for (const std::string& name :
       std::vector<std::string>{"cats, dogs", "run,lr=0.1", "odd,size=3x3"}) {
    for (char i = 0; i < 10; ++i)
      for (const char* label : {"a", "b"})
        put_grey(name + "/" + label + "/" + static_cast<char>('0' + i) + ".png", i);
    const std::string spec = "images:" + pictures_.string() + "/" + name;
    EXPECT_EQ(open(spec, threads_).sample_shape, (Shape{1, 2, 1})) << name;
    EXPECT_EQ(open(spec + ",size=4x4", threads_).sample_shape, (Shape{4, 4, 1})) << name;
  }
}

TEST_F(ImageFolder, SaysWhatIsWrongWithAnOption) {
  put_all();
  const auto expect = [&](const std::string& options, const std::string& complaint) {
    const std::string error =
        error_of([&] { open("images:" + pictures_.string() + "," + options, threads_); });
    EXPECT_NE(error.find(complaint), std::string::npos) << error;
  };
  for (const char* wrong : {"size=0x3", "size=3x", "size=axb", "size=3x4x5", "size=4097"})
    expect(wrong, "size must be HEIGHTxWIDTH");
  expect("szie=32", "did you mean 'size'");
  expect("colours=3", "there is no option 'colours'");
  expect("channels=2", "channels cannot be '2'");
  expect("bad=leave", "bad cannot be 'leave'");
}

TEST_F(ImageFolder, MayHaveAClassCalledTrain) {
  for (const std::string kind : {"car", "train"})
    for (char i = 0; i < 10; ++i) put_grey(concat(kind, "/", i + 0, ".png"), i);
  EXPECT_EQ(read().class_names, (std::vector<std::string>{"car", "train"}));
}

TEST_F(ImageFolder, SaysThatASplitOfAnotherNameIsNotRead) {
  put_all();
  put_grey("val/cat/1.png", 1);
  const Dataset dataset = read();
  ASSERT_EQ(dataset.notes.size(), 1u);
  EXPECT_TRUE(dataset.notes[0].ends_with("/val' is not read: splits are train and test"));
}

TEST_F(ImageFolder, WithALinkToNowhereIsReadWithoutIt) {
  put_all();
  fs::create_symlink("nowhere", pictures_.string() + "/train/cat/link.png");
  EXPECT_NE(read_error().find("link.png"), std::string::npos);
  EXPECT_EQ(open("images:" + pictures_.string() + ",bad=skip", threads_).train.count, 20u);
}

TEST_F(ImageFolder, RefusesClassesWhoseNamesAreNotUtf8) {
  put_all();
  put_grey("train/caf\xe9/1.png", 1);
  EXPECT_NE(read_error().find("name is not in UTF-8: 'caf\xc3\xa9'; rename its folder"),
            std::string::npos);
}

TEST_F(ImageFolder, SaysWhatIsWrongWithAFolder) {
  const auto expect = [&](const char* complaint) {
    const std::string error = read_error();
    EXPECT_NE(error.find(complaint), std::string::npos) << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  };
  expect("has no folders of classes");
  fs::create_directories(pictures_.string() + "/train");
  expect("has no folders of classes");
  fs::create_directories(pictures_.string() + "/train/cat");
  expect("has no pictures that end in");
  put_all();
  fs::create_directories(pictures_.string() + "/train/cat/folder.png");
  expect("is a directory");
  fs::remove(pictures_.string() + "/train/cat/folder.png");
  put("train/cat/4.png", "");
  expect("4.png' is empty");
  put("train/cat/4.png", png(2, 1, 1, "ab").substr(0, 40));
  expect("4.png' is a damaged PNG");
  put("train/cat/4.png", "GIF89a");
  expect("neither a JPEG nor a PNG");
  put_grey("train/cat/4.png", 4);
  put_grey("test/bird/1.png", 4);
  expect("has a class 'bird' that the training pictures do not have");
  EXPECT_NE(error_of([&] {
              open("images:" + pictures_.string() + "/nowhere", threads_);
            }).find("cannot open"),
            std::string::npos);
  EXPECT_NE(error_of([&] { open("images", threads_); }).find("as in images:DIR"),
            std::string::npos);
}

}  // namespace
}  // namespace rectify::data
