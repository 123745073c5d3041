// Files that nobody should be able to hurt the program with, given to it as a person would.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <filesystem>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "tests/cli/program.h"

namespace rectify::cli {
namespace {

namespace fs = std::filesystem;

template <class Number>
std::string bytes_of(Number number) {
  const auto bytes = std::bit_cast<std::array<char, sizeof number>>(number);
  return {bytes.begin(), bytes.end()};
}

std::string floats(std::initializer_list<float> numbers) {
  std::string bytes;
  for (const float number : numbers) bytes += bytes_of(number);
  return bytes;
}

/// An IDX file of bytes: its extents, high byte first, then the content.
std::string idx(std::initializer_list<std::uint32_t> extents, const std::string& content) {
  std::string bytes = {0, 0, 8, static_cast<char>(extents.size())};
  for (const std::uint32_t extent : extents)
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(extent >> shift & 255);
  return bytes + content;
}

/// A NumPy array of this type and shape.
std::string npy(const std::string& type, const std::string& shape, const std::string& content) {
  std::string header =
      "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  header.resize(118, ' ');
  header.back() = '\n';
  return std::string("\x93NUMPY\x01\0", 8) + bytes_of(std::uint16_t{118}) + header + content;
}

std::string safetensors(const std::string& header, const std::string& content = {}) {
  return bytes_of(std::uint64_t{header.size()}) + header + content;
}

/// A tensor "t" of a safetensors file.
std::string tensor(const std::string& type, const std::string& shape, const std::string& offsets) {
  return "{\"t\":{\"dtype\":\"" + type + "\",\"shape\":[" + shape + "],\"data_offsets\":[" +
         offsets + "]}}";
}

std::string good_table(const std::string& lines) {  // a CSV with two good rows below
  return "a,b,label\n" + lines + "1,2,x\n3,4,y\n";
}

/// A folder of MNIST's four files, of which one is `bad`.
void write_mnist(const fs::path& folder, const std::string& name, const std::string& bad) {
  fs::create_directories(folder);
  const std::string pictures(40 * 4, '\7'), labels = [] {
    std::string text;
    for (int i = 0; i < 40; ++i) text += static_cast<char>(i % 2);
    return text;
  }();
  for (const std::string split : {"train", "t10k"}) {
    write_file(folder / (split + "-images-idx3-ubyte"), idx({40, 2, 2}, pictures));
    write_file(folder / (split + "-labels-idx1-ubyte"), idx({40}, labels));
  }
  write_file(folder / name, bad);
}

void expect_refused(const fs::path& folder, const std::string& arguments, int code,
                    const std::string& says) {
  const Outcome outcome = run_program(folder, arguments, "XDG_CACHE_HOME=cache");
  const std::string what = arguments + "\n" + outcome.err;
  EXPECT_EQ(outcome.code, code) << what;
  EXPECT_NE(outcome.err.find(says), std::string::npos) << "no '" << says << "': " << what;
  EXPECT_TRUE(outcome.err.starts_with("rectify: error: ")) << what;
  EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1) << what;
  EXPECT_EQ(outcome.out, "") << what;
}

/// What a file holds, the arguments that make the program read it, called bad.SUFFIX there, and
/// words of the answer.
struct WrongFile {
  std::string content, arguments, says;
};

void expect_refused(const std::vector<WrongFile>& cases, const std::string& file) {
  const TemporaryFolder folder;
  for (const WrongFile& wrong : cases) {
    write_file(folder.path() / file, wrong.content);
    expect_refused(folder.path(), wrong.arguments, 1, wrong.says);
  }
}

TEST(WrongFile, OfMnistIsNamed) {
  const std::string images = "t10k-images-idx3-ubyte", labels = "train-labels-idx1-ubyte";
  const struct {
    std::string name, content, says;
  } cases[] = {
      {images, "", "is empty"},
      {images, std::string("\0\0\x08", 3), "not an IDX file"},
      {images, "PK\3\4 a zip archive under this name", "not an IDX file"},
      {images, idx({40, 2, 2}, "").substr(0, 9), "cut off in its header"},
      {images, idx({40, 2, 2}, std::string(99, '\1')), "is cut off"},
      {images, idx({40, 2, 2}, std::string(161, '\1')), "goes on after"},
      {images, idx({4000000000u, 4000000000u, 4000000000u}, "x"), "more than"},
      {images, idx({0, 2, 2}, ""), "none at all"},
      {images, idx({40, 2, 3}, std::string(240, '\1')), "2x3"},
      {images, std::string("\x1f\x8b\x08\0\0\0\0\0\0\3 no deflate stream", 28), images},
      {labels, idx({39}, std::string(39, '\1')), "39 labels"},
      {labels, idx({40}, std::string(40, '\1')), "same class"},
      {labels, idx({2, 20}, std::string(40, '\1')), "dimensions"},
  };
  const TemporaryFolder folder;
  for (const auto& wrong : cases) {
    write_mnist(folder.path() / "set", wrong.name, wrong.content);
    expect_refused(folder.path(), "train --data mnist:set --hidden 4 --epochs 1 --lr 0.1 --out o",
                   1, wrong.says);
  }
}

TEST(WrongFile, OfATableIsNamedWithItsRow) {
  const std::string show = "data show csv:bad.csv:label";
  expect_refused({{"", show, "is empty"},
                  {"a,b,label\n", show, "no rows"},
                  {"a,b,label\n5,2020-01-31,x\n6,2020-02-01,y\n", show, "is a date"},
                  {good_table("5,6,\n"), show, "missing"},
                  {good_table("5,inf,x\n"), show, "row 2"},
                  {good_table("5,1e99,x\n"), show, "too large"},
                  {good_table("5,six,x\n"), show, "six"},
                  {good_table("5,6,x,7\n"), show, "4 fields"},
                  {good_table("5,\"6,x\n"), show, "quote"},
                  {good_table("") + std::string("1,2\0,x\n", 7), show, "row 4"},
                  {"a,b,labl\n1,2,x\n3,4,y\n", show, "did you mean 'labl'?"},
                  {"a,b,label\n1,2,x\n3,4,x\n", show, "class"},
                  {good_table(""), "data show csv:bad.csv:7", "3 columns"}},
                 "bad.csv");
}

TEST(WrongFile, OfNumPyIsNamed) {
  const std::string show = "data show npy:bad.npy,y.npy";
  const TemporaryFolder folder;
  write_file(folder.path() / "y.npy", npy("|u1", "2,", std::string("\0\1", 2)));
  const WrongFile cases[] = {
      {"", show, "bad.npy"},
      {"\x93NUMPX and so on and so on", show, "bad.npy"},
      {npy("<f4", "2, 2", "").substr(0, 40), show, "cut off"},
      {npy("<f4", "2, 2", floats({1, 2, 3})), show, "bad.npy"},
      {npy("<f4", "2, 2", floats({1, 2, 3, 4, 5})), show, "bad.npy"},
      {npy("<f4", "2, 2", floats({1, 2, 3, NAN})), show, "not finite"},
      {npy("<f4", "2, 2", floats({1, 2, INFINITY, 4})), show, "not finite"},
      {npy("<f4", "3, 1", floats({1, 2, 3})), show, "3"},
      {npy("<f4", "99999999999, 99999999999", floats({1})), show, "bad.npy"},
      {npy("<f4", "-2, 2", floats({1})), show, "bad.npy"},
      {npy("<U4", "2, 2", floats({1, 2, 3, 4})), show, "<U4"},
      {npy("|O", "2, 2", floats({1, 2, 3, 4})), show, "bad.npy"},
      {npy("<f4", "0, 2", ""), show, "bad.npy"},
  };
  for (const WrongFile& wrong : cases) {
    write_file(folder.path() / "bad.npy", wrong.content);
    expect_refused(folder.path(), wrong.arguments, 1, wrong.says);
  }
}

TEST(WrongFile, OfAModelIsNamed) {
  const std::string inspect = "inspect bad.safetensors";
  const std::string numbers = floats({1, 2, 3, 4});
  expect_refused(
      {{"", inspect, "too short"},
       {bytes_of(~std::uint64_t{0}) + "{}", inspect, "18446744073709551615"},
       {bytes_of(std::uint64_t{1} << 33) + "{}", inspect, "8589934592"},
       {safetensors("{\"t\":"), inspect, "not JSON"},
       {safetensors("[]"), inspect, "not JSON"},
       {safetensors(std::string(5000, '[')), inspect, "nests too deeply"},
       {safetensors("{\"__metadata__\":7}"), inspect, "metadata"},
       {safetensors("{\"__metadata__\":{}}"), inspect, "not written by rectify"},
       {safetensors(tensor("F16", "2,4", "0,16"), numbers), inspect, "F16"},
       {safetensors(tensor("F32", "2,2", "0,12"), numbers), inspect, "'t'"},
       {safetensors(tensor("F32", "2,2", "16,0"), numbers), inspect, "'t'"},
       {safetensors(tensor("F32", "2,2", "4,20"), numbers), inspect, "'t'"},
       {safetensors(tensor("F32", "2,2", "0,16"), "short"), inspect, "5 bytes"},
       {safetensors(tensor("F32", "2,-2", "0,16"), numbers), inspect, "'t'"},
       {safetensors(tensor("F32", "4294967296,4294967296", "0,16"), numbers), inspect, "'t'"},
       {safetensors("{\"t\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                    "\"u\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",
                    numbers.substr(0, 12)),
        inspect, "overlaps"},
       {safetensors("{\"__metadata__\":{\"model\":\"2 : dnse 3\",\"loss\":\"x\"}}"), inspect,
        "bad.safetensors"}},
      "bad.safetensors");
}

TEST(WrongFile, OfAConfigIsNamed) {
  const struct {
    std::string content;
    int code;
    std::string says;
  } cases[] = {
      {"epochs = [", 1, "'bad.toml', line 1: the value of 'epochs' is no number, text"},
      {"lr = 1\n\nlr = 2\n", 1, "'bad.toml', line 3: 'lr' is given twice"},
      {"epochs = [1, 2] # few\n", 2, "--epochs"},
      {"epochs = two\n", 2, "--epochs wants a whole number, not 'two'"},
      {"epochs\n", 1, "'epochs' has no value"},
      {"lr = 'fast'\n", 2, "--lr"},
      {"lr = 'fast'\n", 2, "bad.toml"},
      {"epohcs = 3\n", 2, "did you mean '--epochs'?"},
      {"[a.b]\nc = 1\n", 1, "bad.toml"},
      {std::string("\0\1\2\3\xff\xfe", 6), 1, "bad.toml"},
  };
  const TemporaryFolder folder;
  for (const auto& wrong : cases) {
    write_file(folder.path() / "bad.toml", wrong.content);
    expect_refused(folder.path(), "train --config bad.toml --out o", wrong.code, wrong.says);
  }
}

TEST(WrongFile, OfPicturesIsNamed) {
  const TemporaryFolder folder;
  for (const char* name : {"p/a/1.png", "p/b/2.png"}) {
    fs::create_directories((folder.path() / name).parent_path());
    write_file(folder.path() / name, "\x89PNG\r\n\x1a\n and then nothing");
  }
  expect_refused(folder.path(), "data show images:p", 1, "1.png");
  fs::remove_all(folder.path() / "p/b");
  fs::remove(folder.path() / "p/a/1.png");
  expect_refused(folder.path(), "data show images:p", 1, "p");
}

TEST(WrongFile, ThatIsNoPlainFileIsNamed) {
  const TemporaryFolder folder;
  const fs::path here = folder.path();
  fs::create_directory(here / "folder");
  fs::create_symlink("loop", here / "loop");
  write_file(here / "file", "a file where a folder is wanted");
  for (const std::string name : {"folder", "loop", "missing", "/dev/null"}) {
    expect_refused(here, "data show csv:" + name + ":label", 1, name);
    expect_refused(here, "data show npz:" + name, 1, name);
    expect_refused(here, "eval " + name, 1, name);
    if (name != "/dev/null") expect_refused(here, "train --config " + name + " --out o", 1, name);
  }
  for (const std::string kind : {"mnist", "cifar10", "norb", "images"}) {
    expect_refused(here, "data show " + kind + ":file", 1, "file");
    expect_refused(here, "data show " + kind + ":loop", 1, "loop");
    expect_refused(here, "data show " + kind + ":folder", 1, "folder");
  }
  expect_refused(here, "train --data moons --epochs 1 --out file/below", 1, "file");
  expect_refused(here, "train --data moons --epochs 1 --out loop", 1, "loop");
}

TEST(WrongFile, ThatMayNotBeReadOrWrittenIsNamed) {
  if (::geteuid() == 0) GTEST_SKIP() << "nothing is forbidden to root";
  const TemporaryFolder folder;
  write_file(folder.path() / "secret.csv", good_table(""));
  fs::create_directory(folder.path() / "fixed");
  fs::permissions(folder.path() / "secret.csv", fs::perms::none);
  fs::permissions(folder.path() / "fixed", fs::perms::owner_read | fs::perms::owner_exec);
  expect_refused(folder.path(), "data show csv:secret.csv:label", 1, "secret.csv");
  expect_refused(folder.path(), "train --epochs 1 --out fixed/run", 1, "fixed");
  expect_refused(folder.path(), "train --epochs 1 --out fixed", 1, "fixed");
  expect_refused(folder.path(), "export none --out fixed/x.onnx", 1, "'fixed' may not be written");
}

}  // namespace
}  // namespace rectify::cli
