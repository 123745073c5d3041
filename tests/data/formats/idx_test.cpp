#include "rectify/data/formats/idx.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/data/idx_files.h"

namespace rectify::data {
namespace {

using testing::error_of;
using testing::gzip;
using testing::idx;

TEST(Idx, ReadsPlainAndPackedFilesOfAnyRank) {
  const TemporaryFolder folder;
  const std::string content = "abcdefghijkl";
  for (const std::vector<std::uint32_t>& extents :
       {std::vector<std::uint32_t>{12}, {3, 4}, {3, 2, 2}, {1, 3, 2, 2}})
    for (const bool packed : {false, true}) {
      const std::string file = idx(extents, content);
      const Idx read = read_idx(folder.write("file", packed ? gzip(file) : file));
      EXPECT_EQ(std::vector<std::uint32_t>(read.extents.begin(), read.extents.end()), extents);
      EXPECT_EQ(std::string(read.bytes.begin(), read.bytes.end()), content);
    }
}

TEST(Idx, ReadsGzipMembersOneAfterTheOther) {
  const TemporaryFolder folder;
  const std::string file = idx({3, 4}, "abcdefghijkl");
  for (const std::size_t cut : {1u, 5u, 12u, 13u, 23u}) {
    const Idx read = read_idx(
        folder.write("file", gzip(file.substr(0, cut)) + gzip("") + gzip(file.substr(cut))));
    EXPECT_EQ(std::string(read.bytes.begin(), read.bytes.end()), "abcdefghijkl");
  }
}

struct HostileIdx {
  const char* what;
  std::string content;
  const char* complaint;
};

std::string with_byte(std::string bytes, std::size_t at, char value) {
  bytes[at] = value;
  return bytes;
}

std::vector<HostileIdx> hostile_idx_files() {
  const std::string good = idx({3, 4}, "abcdefghijkl"), packed = gzip(good);
  const std::string megabyte(1 << 20, '\0');
  return {
      {"empty", "", "is empty"},
      {"one byte", good.substr(0, 1), "is not an IDX file"},
      {"text", "<html>not found</html>", "is not an IDX file"},
      {"a wrong first byte", with_byte(good, 0, 1), "is not an IDX file"},
      {"signed bytes", idx({2}, "ab", 9), "holds signed bytes"},
      {"floats", idx({1}, "abcd", 13), "holds floats"},
      {"an unknown type", idx({1}, "abcd", 77), "an unknown type"},
      {"rank 0", idx({}, "a"), "has 0 dimensions"},
      {"rank 5", idx({1, 1, 1, 1, 1}, "a"), "has 5 dimensions"},
      {"rank 255", with_byte(good, 3, '\xff'), "has 255 dimensions"},
      {"cut in the header", good.substr(0, 9), "cut off in its header"},
      {"an extent of 0", idx({3, 0, 4}, ""), "none at all"},
      {"more than fits in 64 bits", idx({~0u, ~0u, ~0u, ~0u}, "abc"), "more than"},
      {"more than any memory", idx({1u << 31, 64}, "abc"), "more than"},
      {"cut in the content", good.substr(0, 20), "is cut off"},
      {"no content", good.substr(0, 12), "is cut off"},
      {"one byte beyond", good + "x", "goes on after"},
      {"an empty gzip", gzip(""), "is empty"},
      {"gzip: not IDX", gzip("hello"), "is not an IDX file"},
      {"gzip: only the magic", packed.substr(0, 2), "middle of its gzip data"},
      {"gzip: cut in the content", packed.substr(0, packed.size() / 2), "its gzip data"},
      {"gzip: cut before the check sum", packed.substr(0, packed.size() - 8), "its gzip data"},
      {"gzip: cut in the check sum", packed.substr(0, packed.size() - 1), "its gzip data"},
      {"gzip: a wrong check sum",
       with_byte(packed, packed.size() - 6, static_cast<char>(~packed[packed.size() - 6])),
       "is corrupt (gzip: incorrect data check)"},
      {"gzip: a wrong method", with_byte(packed, 2, 7), "is corrupt"},
      {"gzip: garbage behind", packed + "garbage", "7 bytes after the end of its gzip data"},
      {"gzip: one byte beyond", gzip(good + "x"), "goes on after"},
      {"gzip: the file twice", packed + packed, "goes on after"},
      {"gzip: the content cut", gzip(good.substr(0, 20)), "is cut off"},
      {"gzip: a bomb behind a small header", gzip(good + megabyte), "goes on after"},
      {"gzip: a header for more than can be inside", gzip(idx({1u << 30, 8}, "abc")), "is cut off"},
  };
}

TEST(Idx, SaysWhatIsWrongWithEveryHostileFile) {
  const TemporaryFolder folder;
  for (const HostileIdx& hostile : hostile_idx_files()) {
    const std::string path = folder.write("bad", hostile.content);
    const std::string error = error_of([&] { read_idx(path); });
    EXPECT_NE(error.find(hostile.complaint), std::string::npos) << hostile.what << ": " << error;
    EXPECT_NE(error.find("'" + path + "'"), std::string::npos) << hostile.what << ": " << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << hostile.what;
  }
}

TEST(Idx, NeverAcceptsADamagedGzipFileAsSomethingElse) {
  const TemporaryFolder folder;
  std::string content;
  for (int i = 0; i < 600; ++i) content.push_back(static_cast<char>(i * i));
  const std::string packed = gzip(idx({6, 100}, content));
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    std::string damaged = packed;
    damaged[random() % damaged.size()] ^= static_cast<char>(1 << random() % 8);
    const std::string path = folder.write("damaged", damaged);
    std::string got;
    const std::string error = error_of([&] {
      const Idx read = read_idx(path);
      got.assign(read.bytes.begin(), read.bytes.end());
    });
    if (error.empty()) {
      EXPECT_EQ(got, content);  // the gzip header's time and the like carry no data
    }
  }
}

}  // namespace
}  // namespace rectify::data
