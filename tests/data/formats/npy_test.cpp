#include "rectify/data/formats/npy.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>

#include "rectify/data/dataset.h"
#include "rectify/data/formats/zip.h"
#include "tests/data/files.h"

namespace rectify::data {
namespace {

using testing::big;
using testing::error_of;
using testing::gzip;
using testing::little;
using testing::Member;
using testing::npy;
using testing::zip;

std::string raw(std::uint64_t value, int width, bool high_first) {
  return high_first ? big(value, width) : little(value, width);
}

TEST(Npy, ReadsEveryTypeInBothByteOrders) {
  struct Case {
    const char* type;
    int width;
    std::uint64_t bits[2];  // of 1.5 or 3, and of -2 or the largest
    float values[2];
  };
  const Case table[] = {
      {"b1", 1, {1, 0}, {1, 0}},
      {"u1", 1, {3, 255}, {3, 255}},
      {"i1", 1, {3, 0xfe}, {3, -2}},
      {"u2", 2, {3, 0xffff}, {3, 65535}},
      {"i2", 2, {3, 0xfffe}, {3, -2}},
      {"u4", 4, {3, 0xffffffff}, {3, 4294967295.f}},
      {"i4", 4, {3, 0xfffffffe}, {3, -2}},
      {"u8", 8, {3, ~0ull}, {3, 18446744073709551615.f}},
      {"i8", 8, {3, ~0ull - 1}, {3, -2}},
      {"f2", 2, {0x3e00, 0xc000}, {1.5, -2}},
      {"f4", 4, {0x3fc00000, 0xc0000000}, {1.5, -2}},
      {"f8", 8, {0x3ff8000000000000, 0xc000000000000000}, {1.5, -2}},
  };
  for (const Case& one : table)
    for (const char order : {'<', '>', '|'})
      for (const int version : {1, 2, 3}) {
        if (order == '|' && one.width > 1) continue;
        const std::string content =
            raw(one.bits[0], one.width, order == '>') + raw(one.bits[1], one.width, order == '>');
        const std::string file =
            npy(order + std::string(one.type), "(2,)", content, false, version);
        EXPECT_EQ(floats_of(parse_npy(file, "a")),
                  (std::vector<float>{one.values[0], one.values[1]}))
            << order << one.type;
      }
}

TEST(Npy, WritesWhatItReads) {
  const std::vector<float> numbers = {1, -2.5f, 3, 0, 1e-30f, 7};
  const std::string content = encode_npy(numbers, Shape{3, 2});
  EXPECT_EQ(content.size(), 128 + 24u);  // NumPy wants the numbers at a multiple of 64 bytes
  const Array array = parse_npy(content, "a.npy");
  EXPECT_EQ(array.extents, (std::vector<std::int64_t>{3, 2}));
  EXPECT_EQ(floats_of(array), numbers);
  EXPECT_EQ(parse_npy(encode_npy(numbers, Shape{6}), "b.npy").extents.size(), 1u);
}

TEST(Npy, ReadsHalvesDownToTheSmallest) {
  const std::string file = npy(
      "<f2", "(5,)",
      little(1, 2) + little(0x03ff, 2) + little(0x0400, 2) + little(0x7bff, 2) + little(0x8000, 2));
  EXPECT_EQ(floats_of(parse_npy(file, "a")),
            (std::vector<float>{0x1p-24f, 1023 * 0x1p-24f, 0x1p-14f, 65504, 0}));
}

TEST(Npy, TurnsColumnsIntoRows) {
  // a[i][j][k] = 100 i + 10 j + k, the first axis fastest in the file.
  std::string content;
  for (int k = 0; k < 2; ++k)
    for (int j = 0; j < 3; ++j)
      for (int i = 0; i < 2; ++i) content.push_back(static_cast<char>(100 * i + 10 * j + k));
  const std::string file = npy("|u1", "(2, 3, 2)", content, true);
  EXPECT_EQ(bytes_of(parse_npy(file, "a")),
            (std::vector<std::uint8_t>{0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121}));
}

TEST(Npy, TellsWholeNumbersFromOthers) {
  const auto array = [](double value) {
    return npy("<f8", "(1,)", little(std::bit_cast<std::uint64_t>(value), 8));
  };
  EXPECT_TRUE(all_whole(parse_npy(array(-3), "a")));
  EXPECT_FALSE(all_whole(parse_npy(array(-3.25), "a")));
  EXPECT_EQ(integers_of(parse_npy(array(-3), "a")), std::vector<std::int64_t>{-3});
  EXPECT_NE(error_of([&] { integers_of(parse_npy(array(1e30), "a")); }), "");
  EXPECT_NE(error_of([&] { integers_of(parse_npy(npy("<u8", "(1,)", little(~0ull, 8)), "a")); }),
            "");
}

struct HostileNpy {
  const char* what;
  std::string content;
  const char* complaint;
};

std::vector<HostileNpy> hostile_npy_files() {
  const std::string good = npy("<f4", "(2, 3)", std::string(24, '\0'));
  const std::string infinite = npy("<f4", "(2, 2)", std::string(12, '\0') + little(0x7f800000, 4));
  const auto with_shape = [](const std::string& shape) { return npy("<f4", shape, "12345678"); };
  return {
      {"empty", "", "is empty"},
      {"text", "<html>not found</html>", "is not a .npy file"},
      {"only the magic", good.substr(0, 6), "is not a .npy file"},
      {"version 9", npy("<f4", "(1,)", "abcd", false, 9), "version 9"},
      {"cut in the header", good.substr(0, 30), "cut off in its header"},
      {"cut in the content", good.substr(0, good.size() - 1), "is cut off"},
      {"one byte beyond", good + "x", "goes on after"},
      {"no such type", npy("<c8", "(1,)", "12345678"), "values of type '<c8'"},
      {"objects", npy("|O", "(1,)", "12345678"), "values of type '|O'"},
      {"text elements", npy("<U2", "(1,)", "12345678"), "values of type '<U2'"},
      {"records",
       "\x93NUMPY\1" + std::string(1, '\0') + little(60, 2) +
           "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}",
       "array of records"},
      {"no samples", npy("<f4", "(0, 3)", ""), "which is empty"},
      {"more than fits in 64 bits", with_shape("(4294967296, 4294967296, 4294967296)"),
       "is cut off"},
      {"an extent of more digits", with_shape("(99999999999999999999999,)"), "not a whole number"},
      {"a negative extent", with_shape("(-2,)"), "not a whole number"},
      {"a shape without an end", with_shape("(2,"), "damaged .npy header"},
      {"33 axes", with_shape("(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)"),
       "more than 32 axes"},
      {"not a number", infinite, "not finite at [1,1]"},
      {"too large", npy("<f8", "(1,)", little(0x7fe0000000000000, 8)), "too large for a float"},
  };
}

TEST(Npy, SaysWhatIsWrongWithEveryHostileFile) {
  for (const HostileNpy& hostile : hostile_npy_files()) {
    const std::string error = error_of([&] { floats_of(parse_npy(hostile.content, "bad.npy")); });
    EXPECT_NE(error.find(hostile.complaint), std::string::npos) << hostile.what << ": " << error;
    EXPECT_NE(error.find("'bad.npy'"), std::string::npos) << hostile.what << ": " << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << hostile.what;
  }
}

TEST(NpyKind, MakesClassesOfAnyWholeNumbersInTheirOrder) {
  ThreadPool threads(2);
  const TemporaryFolder folder;
  std::string x, y;
  for (int i = 0; i < 30; ++i) x += std::string(12, static_cast<char>(i));
  for (int i = 0; i < 30; ++i) y += little(static_cast<std::uint64_t>(i % 3 * 7 - 7), 8);
  const std::string spec = "npy:" + folder.write("x.npy", npy("|u1", "(30, 3, 4)", x)) + "," +
                           folder.write("y.npy", gzip(npy("<i8", "(30,)", y)));
  const Dataset dataset = open(spec, threads);
  EXPECT_EQ(dataset.sample_shape, (Shape{3, 4, 1}));
  EXPECT_EQ(dataset.class_names, (std::vector<std::string>{"-7", "0", "7"}));
  EXPECT_EQ(dataset.train.count, 24u);
  EXPECT_EQ(dataset.test.count, 6u);
  EXPECT_EQ(dataset.train.bytes.size(), 24u * 12);
  for (const Split* split : {&dataset.train, &dataset.test})
    for (std::size_t i = 0; i < split->count; ++i)
      EXPECT_EQ(split->labels[i], split->bytes[12 * i] % 3);
  ASSERT_EQ(dataset.notes.size(), 2u);
  EXPECT_NE(dataset.notes[0].find("holds 3 different whole numbers in 30 samples: each is taken"),
            std::string::npos);
  EXPECT_NE(dataset.notes[1].find("6 of 30 samples are held out"), std::string::npos);
}

std::string floats(const std::vector<float>& values) {
  std::string bytes;
  for (const float v : values) bytes += little(std::bit_cast<std::uint32_t>(v), 4);
  return bytes;
}

TEST(NpzKind, ReadsStoredDeflatedAndLongEntriesAlike) {
  ThreadPool threads(2);
  const TemporaryFolder folder;
  std::vector<std::uint64_t> prints;
  for (const bool deflated : {false, true})
    for (const bool zip64 : {false, true}) {
      const std::string x = npy("<f4", "(4, 2)", floats({1, 2, 3, 4, 5, 6, 7, 8}));
      const std::string y = npy("<f4", "(4,)", floats({0.5, 1, 2, 3}));
      const std::string file = zip({{"x_train.npy", x, deflated, zip64},
                                    {"y_train.npy", y, deflated, zip64},
                                    {"x_test.npy", x, deflated, zip64},
                                    {"y_test.npy", y, deflated, zip64}});
      const Dataset dataset = open("npz:" + folder.write("a.npz", file), threads);
      EXPECT_EQ(dataset.target_width, 1);
      EXPECT_TRUE(dataset.class_names.empty());
      EXPECT_EQ(dataset.train.targets, (std::vector<float>{0.5, 1, 2, 3}));
      EXPECT_EQ(dataset.test.values, (std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8}));
      ASSERT_EQ(dataset.notes.size(), 1u);
      EXPECT_NE(dataset.notes[0].find("holds fractions: a number is predicted (regression)"),
                std::string::npos);
      prints.push_back(fingerprint(dataset));
    }
  for (const std::uint64_t print : prints) EXPECT_EQ(print, prints[0]);
}

std::vector<HostileNpy> hostile_archives() {
  const std::string x = npy("<f4", "(4, 2)", std::string(32, '\0'));
  const std::string y = npy("|u1", "(4,)", std::string("\0\1\0\1", 4));
  const std::string good = zip({{"x_train.npy", x, true}, {"y_train.npy", y}});
  std::string checksum = good, encrypted = good, method = good, count = good, far = good;
  checksum[good.find("NUMPY", good.find("y_train")) + 40] ^= 1;
  const std::size_t entry = good.find("PK\1\2"), end = good.find("PK\5\6");
  encrypted[entry + 8] = 1;
  method[entry + 10] = 12;
  count[end + 10] = 77;
  far.replace(end + 16, 4, little(0x7fffffff, 4));
  std::string bomb = good;
  bomb.replace(entry + 24, 4, little(0x7fffffff, 4));
  return {
      {"empty", "", "is empty"},
      {"no archive", x, "is not a zip archive"},
      {"cut off", good.substr(0, good.size() / 2), "probably cut off"},
      {"a wrong checksum", checksum, "checksum is wrong"},
      {"encrypted", encrypted, "is encrypted"},
      {"another method", method, "packed by method 12"},
      {"too many entries", count, "is a damaged zip archive"},
      {"a directory beyond the end", far, "is a damaged zip archive"},
      {"more than can be inside", bomb, "more than can be inside"},
      {"without labels", zip({{"x_train.npy", x}}), "no array 'y_train'; it has x_train"},
      {"other names", zip({{"a.npy", x}, {"b.npy", y}}), "it has a, b"},
      {"a test split without labels",
       zip({{"x_train.npy", x}, {"y_train.npy", y}, {"x_test.npy", x}}), "no array 'y_test'"},
      {"other counts", zip({{"x_train.npy", x}, {"y_train.npy", npy("|u1", "(3,)", "abc")}}),
       "has 4 samples but"},
      {"other shapes",
       zip({{"x_train.npy", x}, {"y_train.npy", y}, {"x_test.npy", y}, {"y_test.npy", y}}),
       "has samples of 2 but"},
      {"one-hot labels",
       zip({{"x_train.npy", x},
            {"y_train.npy", npy("|u1", "(4, 2)", std::string("\1\0\0\1\1\0\0\1", 8))}}),
       "argmax"},
      {"a single number", zip({{"x_train.npy", x}, {"y_train.npy", npy("|u1", "()", "a")}}),
       "single number"},
  };
}

TEST(NpzKind, SaysWhatIsWrongWithEveryHostileArchive) {
  ThreadPool threads(2);
  const TemporaryFolder folder;
  for (const HostileNpy& hostile : hostile_archives()) {
    const std::string path = folder.write("bad.npz", hostile.content);
    const std::string error = error_of([&] { open("npz:" + path, threads); });
    EXPECT_NE(error.find(hostile.complaint), std::string::npos) << hostile.what << ": " << error;
    EXPECT_NE(error.find(path), std::string::npos) << hostile.what << ": " << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << hostile.what;
  }
  EXPECT_NE(error_of([&] { open("npz:" + folder.string(), threads); }).find("is a directory"),
            std::string::npos);
  EXPECT_NE(error_of([&] { open("npy:" + folder.string(), threads); }).find("name two files"),
            std::string::npos);
}

}  // namespace
}  // namespace rectify::data
