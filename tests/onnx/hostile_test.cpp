// Files that are broken, or made to hurt: each is an Error of one line that says what is wrong.

#include <gtest/gtest.h>

#include <filesystem>

#include "rectify/base/file.h"
#include "tests/onnx/models.h"
#include "tests/onnx/networks.h"
#include "tests/temporary_folder.h"

namespace rectify::onnx {
namespace {

namespace fs = std::filesystem;

/// What is said about a model; empty where it is read.
std::string said(const std::string& bytes, const fs::path& folder = {}) {
  try {
    decode(bytes, "file", folder);
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    return error.what();
  }
  return {};
}

void expect_said(const std::string& bytes, const std::string& part, const fs::path& folder = {}) {
  const std::string what = said(bytes, folder);
  EXPECT_NE(what.find(part), std::string::npos) << "said: '" << what << "', wanted: " << part;
}

TEST(Hostile, BytesThatAreNoModel) {
  expect_said("", "no ONNX model");
  expect_said("hello, world", "ONNX model");
  expect_said(std::string(1000, '\xff'), "no ONNX model");
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    std::string bytes(1 + seed, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i)
      bytes[i] = static_cast<char>(Random(1, seed, 0).word(i));
    EXPECT_NE(said(bytes), "");
  }
}

TEST(Hostile, ModelsThatAreCutShort) {
  const std::string whole =
      encode(network_of("6x6x2 : conv 4 3x3 | batch_norm | silu | flatten | dense 3"));
  for (std::size_t size = 0; size + 1 < whole.size(); size += 7)
    said(whole.substr(0, size));  // metadata stand at the end: a few bytes less may be a model
  expect_said(whole.substr(0, whole.size() / 2), "cut short");
}

TEST(Hostile, ManyTinyMessages) {
  std::string bytes = "\x3a";  // a graph
  const std::size_t size = 3 << 20;
  for (std::size_t rest = size; rest > 0; rest >>= 7)
    bytes += static_cast<char>((rest & 127) | (rest > 127 ? 128 : 0));
  for (std::size_t i = 0; i < size / 2; ++i) bytes += std::string("\x0a\0", 2);  // empty nodes
  expect_said(bytes, "too many parts");
}

TEST(Hostile, MessagesThatNestDeeply) {
  std::string bytes;
  for (int i = 0; i < 2000; ++i) {  // a graph in an attribute of a node of a graph ...
    std::string length;
    for (std::size_t rest = bytes.size(); length.empty() || rest > 0; rest >>= 7)
      length += static_cast<char>((rest & 127) | (rest > 127 ? 128 : 0));
    bytes = (i % 3 == 0 ? "\x0a" : i % 3 == 1 ? "\x2a" : "\x32") + length + bytes;
  }
  EXPECT_NE(said("\x3a" + bytes), "");
}

TEST(Hostile, ShapesThatAreAbsurd) {
  ModelMaker large({-1, std::int64_t{1} << 50});
  large.node("Relu", {"x"}, {"y"});
  expect_said(large.bytes(), "an axis of");
  ModelMaker product({-1, 1 << 20, 1 << 20, 1 << 20});
  product.node("Relu", {"x"}, {"y"});
  expect_said(product.bytes(), "more than 2^40");
  ModelMaker negative({-1, 4});
  negative.floats("w", {-4, -4}, {});
  negative.node("Gemm", {"x", "w"}, {"y"});
  expect_said(negative.bytes(), "an axis of -4");
  ModelMaker empty({-1, 4});
  empty.floats("w", {4, 1 << 30}, {1, 2, 3});
  empty.node("Gemm", {"x", "w"}, {"y"});
  expect_said(empty.bytes(), "has 3 numbers but its shape wants");
}

TEST(Hostile, SmallFilesThatWantMuchMemory) {
  ModelMaker slope({-1, 1 << 30, 1, 1});
  slope.floats("a", {1}, {0.5f});
  slope.node("PRelu", {"x", "a"}, {"y"});
  expect_said(slope.bytes(), "more than 2^28 numbers");
  ModelMaker scaled({-1, 1 << 12, 1 << 12, 1 << 12});
  scaled.floats("a", {1 << 12, 1, 1 << 2}, std::vector<float>(1 << 14, 2.0f));
  scaled.node("Mul", {"x", "a"}, {"y"});
  EXPECT_NE(said(scaled.bytes()), "");
  ModelMaker filled({-1, 4});
  filled.integers("shape", {1 << 20, 1 << 19});
  filled.node("ConstantOfShape", {"shape"}, {"c"});
  filled.node("Add", {"x", "c"}, {"y"});
  expect_said(filled.bytes(), "numbers; 16777216 at most");
}

TEST(Hostile, GraphsThatAreNone) {
  ModelMaker cycle({-1, 4});
  cycle.node("Relu", {"b"}, {"a"});
  cycle.node("Relu", {"a"}, {"b"});
  cycle.node("Add", {"b", "x"}, {"y"});
  expect_said(cycle.bytes(), "node 0 (Relu) reads 'b', which nothing before it gives");
  ModelMaker missing({-1, 4});
  missing.node("Gemm", {"x", "w"}, {"y"}).set_name("fc");
  expect_said(missing.bytes(), "node 0 (Gemm 'fc') reads 'w'");
  ModelMaker twice({-1, 4});
  twice.node("Relu", {"x"}, {"y"});
  twice.node("Tanh", {"x"}, {"y"});
  expect_said(twice.bytes(), "'y' is given twice");
  ModelMaker initialisers({-1, 4});
  initialisers.floats("w", {1}, {1});
  initialisers.floats("w", {1}, {1});
  expect_said(initialisers.bytes(), "two initialisers are called 'w'");
  ModelMaker nothing({-1, 4});
  expect_said(nothing.bytes(), "reads 'y', which nothing before it gives");
  ModelMaker bare({-1, 4});
  bare.node("Conv", {}, {"y"});
  expect_said(bare.bytes(), "lacks its input 0");
}

TEST(Hostile, FunctionsInFunctions) {
  ModelMaker deep({-1, 4});
  std::string last = "x";
  for (int i = 0; i < 40000; ++i) {
    const std::string next = "v" + std::to_string(i);
    deep.node("Abs", {last}, {next});
    last = next;
  }
  deep.node("Abs", {last}, {"y"});
  expect_said(deep.bytes(), "too many nodes");
}

TEST(Hostile, NamesWhatIsNotMapped) {
  ModelMaker unknown({-1, 4});
  unknown.node("Relu", {"x"}, {"a"});
  unknown.node("TopK", {"a"}, {"y"}).set_name("best");
  expect_said(unknown.bytes(), "node 1 (TopK 'best') is an operator that is not read");
  ModelMaker other({-1, 4});
  other.node("Gadget", {"x"}, {"y"}).set_domain("com.example");
  expect_said(other.bytes(), "node 0 (Gadget) is an operator of the domain 'com.example'");
  ModelMaker future({-1, 4}, 99);
  future.node("Relu", {"x"}, {"y"});
  expect_said(future.bytes(), "operator set 99");
}

TEST(Hostile, NumbersInOtherFiles) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "model");
  write_file(folder / "secret", std::string(64, 'x'));
  write_file(folder / "model" / "weights", std::string(32, '\0'));
  fs::create_symlink(folder / "secret", folder / "model" / "link");
  const auto model = [](const std::string& location, const std::string& length) {
    ModelMaker maker({-1, 2});
    auto& tensor = maker.floats("w", {2, 2}, {});
    tensor.set_data_location(::onnx::TensorProto::EXTERNAL);
    const auto entry = [&](const char* key, const std::string& value) {
      auto& one = *tensor.add_external_data();
      one.set_key(key);
      one.set_value(value);
    };
    entry("location", location);
    entry("length", length);
    maker.node("Gemm", {"x", "w"}, {"y"});
    return maker.bytes();
  };
  EXPECT_EQ(said(model("weights", "16"), folder / "model"), "");
  expect_said(model("weights", "16"), "in another file");
  expect_said(model("weights", "99999999999"), "which has 32", folder / "model");
  expect_said(model("weights", "-1"), "no number", folder / "model");
  expect_said(model("../secret", "16"), "outside of the model's folder", folder / "model");
  expect_said(model((folder / "secret").string(), "16"), "outside", folder / "model");
  expect_said(model("link", "16"), "outside of the model's folder", folder / "model");
  expect_said(model("none", "16"), "not beside the model", folder / "model");
  expect_said(model(".", "16"), "file", folder / "model");
}

}  // namespace
}  // namespace rectify::onnx
