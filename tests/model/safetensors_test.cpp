#include "rectify/model/safetensors.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/model/metadata.h"
#include "tests/helpers.h"
#include "tests/temporary_folder.h"

namespace rectify::model {
namespace {

/// A file of that header and that many bytes of numbers.
std::string file_of(const std::string& header, std::size_t data = 0) {
  const std::uint64_t length = header.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof length) + header +
         std::string(data, '\0');
}

/// The header of one tensor.
std::string tensor(const std::string& name, const std::string& shape, const std::string& offsets,
                   const std::string& type = "\"F32\"") {
  return "\"" + name + R"(":{"dtype":)" + type + R"(,"shape":)" + shape + R"(,"data_offsets":)" +
         offsets + "}";
}

TensorFile sample_file() {
  TensorFile file;
  file.tensors["b"] = {Shape{2, 3}, {1, -2, 0.1f, INFINITY, std::nanf(""), 1e-45f}};
  file.tensors["a"] = {Shape{}, {5}};
  file.tensors["empty"] = {Shape{0, 4}, {}};
  file.metadata = {{"model", "2 : dense 3"}, {"quoted", "\"\\\n\xc3\xa9"}};
  return file;
}

TEST(Safetensors, ReadsBackWhatItWrote) {
  const TensorFile file = sample_file();
  const TensorFile back = decode(encode(file), "sample");
  EXPECT_EQ(back.metadata, file.metadata);
  ASSERT_EQ(back.tensors.size(), 3u);
  for (const auto& [name, tensor] : file.tensors) {
    EXPECT_EQ(back.tensors.at(name).shape, tensor.shape) << name;
    EXPECT_TRUE(same_bits(back.tensors.at(name).values, tensor.values)) << name;
  }
  EXPECT_EQ(encode(back), encode(file));
  EXPECT_TRUE(decode(encode({}), "nothing").tensors.empty());
}

TEST(Safetensors, DoesNotWriteATensorWhoseNumbersDoNotFitItsShape) {
  const TemporaryFolder folder;
  save(folder / "file", sample_file());
  for (const std::size_t numbers : {0u, 4u, 7u}) {
    TensorFile wrong;
    wrong.tensors["w"] = {Shape{2, 3}, std::vector<float>(numbers)};
    const std::string says = "'w' of the shape 2x3 wants 6 numbers, but has ";
    EXPECT_PRED2(contains, error_of([&] { encode(wrong); }), says + std::to_string(numbers));
    EXPECT_PRED2(contains, error_of([&] { save(folder / "file", wrong); }), says);
  }
  EXPECT_EQ(read_file(folder / "file"), encode(sample_file())) << "the old file stays";
}

TEST(Safetensors, ReadsBackFromADisk) {
  const TemporaryFolder folder;
  save(folder / "file", sample_file());
  EXPECT_EQ(read_file(folder / "file"), encode(sample_file()));
  EXPECT_EQ(encode(load(folder / "file")), encode(sample_file()));
  EXPECT_TRUE(contains(error_of([&] { load(folder / "missing"); }), "missing"));
}

TEST(Safetensors, GivesItsMetadataWithoutItsNumbers) {
  const TemporaryFolder folder;
  save(folder / "file", sample_file());
  EXPECT_EQ(load_metadata(folder / "file"), sample_file().metadata);
  save(folder / "bare", TensorFile{});
  EXPECT_TRUE(load_metadata(folder / "bare").empty());
  const std::string bytes = encode(sample_file());
  std::uint64_t header = 0;
  std::memcpy(&header, bytes.data(), sizeof header);
  const auto refusal = [&](const std::string& content) {
    return error_of([&] { load_metadata(folder.write("cut", content)); });
  };
  EXPECT_EQ(refusal(bytes.substr(0, sizeof header + header)), "") << "the numbers are not needed";
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{8}, std::size_t{20},
                                 std::size_t{sizeof header + header - 1}})
    EXPECT_TRUE(contains(refusal(bytes.substr(0, size)), "safetensors file")) << size;
  EXPECT_TRUE(contains(refusal(std::string(8, '\xff') + "{}"), "bytes long"));
  EXPECT_TRUE(contains(error_of([&] { load_metadata(folder / "missing"); }), "missing"));
}

TEST(Safetensors, IsWhatTheFormatSays) {
  const std::string bytes = encode(sample_file());
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  EXPECT_EQ(length % 8, 0u) << "numbers start aligned";
  const auto header = Json::parse(bytes.substr(8, length));
  EXPECT_EQ(header["b"]["dtype"], "F32");
  EXPECT_EQ(header["b"]["shape"], Json({2, 3}));
  const auto first = header["b"]["data_offsets"][0].get<std::uint64_t>();
  float number = 0;
  std::memcpy(&number, bytes.data() + 8 + length + first + 4, sizeof number);
  EXPECT_EQ(number, -2);
}

TEST(Safetensors, HasTheSameBytesInAnyOrderOfWriting) {
  TensorFile other;
  other.metadata = sample_file().metadata;
  const TensorFile original = sample_file();
  for (auto i = original.tensors.rbegin(); i != original.tensors.rend(); ++i)
    other.tensors[i->first] = i->second;
  EXPECT_EQ(encode(other), encode(original));
}

struct Hostile {
  const char* what;
  std::string bytes;
};

std::vector<Hostile> hostile_files() {
  const auto one = [](const std::string& shape, const std::string& offsets, std::size_t data = 4,
                      const std::string& type = "\"F32\"") {
    return file_of("{" + tensor("t", shape, offsets, type) + "}", data);
  };
  const auto two = [](const std::string& first, const std::string& second, std::size_t data) {
    return file_of("{" + tensor("a", "[1]", first) + "," + tensor("b", "[1]", second) + "}", data);
  };
  const std::string whole = encode(sample_file());
  std::uint64_t length = 0;
  std::memcpy(&length, whole.data(), sizeof length);
  std::string longer = whole, endless = whole;
  const std::uint64_t too_long = whole.size(), all = ~0ull;
  std::memcpy(longer.data(), &too_long, sizeof too_long);
  std::memcpy(endless.data(), &all, sizeof all);
  const std::string deep(200000, '['), flat(200000, ']'), shut(200000, '}');
  return {
      {"empty", ""},
      {"shorter than the length", whole.substr(0, 7)},
      {"only the length", whole.substr(0, 8)},
      {"cut in the header", whole.substr(0, 8 + length / 2)},
      {"cut in the numbers", whole.substr(0, whole.size() - 1)},
      {"numbers missing", whole.substr(0, 8 + length)},
      {"numbers left over", whole + "abcd"},
      {"header longer than the file", longer},
      {"header of 2^64 - 1 bytes", endless},
      {"header of no bytes", file_of("")},
      {"not JSON", file_of("hello, world")},
      {"JSON with an end missing", file_of("{\"t\":")},
      {"JSON with more behind", file_of("{}{}")},
      {"not an object", file_of("[1,2]")},
      {"a number", file_of("1")},
      {"not UTF-8", file_of("{\"\xff\xfe\":1}")},
      {"not UTF-8 in the metadata", file_of("{\"__metadata__\":{\"a\":\"\xc3\x28\"}}")},
      {"a tensor that is no object", file_of("{\"t\":5}")},
      {"a tensor without type", file_of(R"({"t":{"shape":[1],"data_offsets":[0,4]}})", 4)},
      {"a tensor without offsets", file_of(R"({"t":{"dtype":"F32","shape":[1]}})", 4)},
      {"another type", one("[2]", "[0,4]", 4, "\"F16\"")},
      {"a type that is a number", one("[1]", "[0,4]", 4, "32")},
      {"a shape that is a number", one("1", "[0,4]")},
      {"a negative extent", one("[-1]", "[0,4]")},
      {"a fraction as extent", one("[1.0]", "[0,4]")},
      {"an extent beyond 64 bits", one("[99999999999999999999]", "[0,4]")},
      {"extents whose product overflows", one("[4294967296,4294967296,4294967296]", "[0,0]", 0)},
      {"extents whose product wraps to 1", one("[4294967297,4294967295,4294967297]", "[0,4]")},
      {"a shape of many extents", one("[1,1,1,1,1,1,1,1,1,1,1,1]", "[0,4]")},
      {"a shape that is not the size", one("[2]", "[0,4]")},
      {"negative offsets", one("[1]", "[-4,0]")},
      {"offsets the wrong way round", one("[1]", "[4,0]")},
      {"three offsets", one("[1]", "[0,4,8]")},
      {"offsets beyond the file", one("[1]", "[4,8]")},
      {"offsets near 2^64", one("[1]", "[18446744073709551612,18446744073709551616]")},
      {"a huge tensor in a small file", one("[1099511627776]", "[0,4398046511104]")},
      {"tensors that overlap", two("[0,4]", "[0,4]", 4)},
      {"tensors that overlap in part", two("[0,4]", "[2,6]", 6)},
      {"a gap", two("[0,4]", "[8,12]", 12)},
      {"a tensor twice",
       file_of("{" + tensor("t", "[1]", "[0,4]") + "," + tensor("t", "[1]", "[0,4]") + "}", 4)},
      {"a key twice in a tensor",
       file_of(R"({"t":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4)},
      {"metadata that is a list", file_of("{\"__metadata__\":[]}")},
      {"metadata that is nothing", file_of("{\"__metadata__\":null}")},
      {"metadata of a number", file_of("{\"__metadata__\":{\"a\":1}}")},
      {"deep nesting", file_of("{\"t\":" + deep + flat + "}")},
      {"deep nesting without an end", file_of("{\"t\":" + deep)},
      {"deep nesting behind braces in a name",
       file_of("{\"" + shut + "\":1,\"t\":{\"dtype\":" + deep + flat +
               ",\"shape\":[],\"data_offsets\":[0,0]}}")},
      {"deep nesting behind an escaped quote",
       file_of("{\"\\\"" + shut + "\":{\"dtype\":" + deep + flat +
               ",\"shape\":[],\"data_offsets\":[0,0]}}")},
  };
}

TEST(Safetensors, RefusesEveryHostileFileWithItsName) {
  const std::vector<Hostile> files = hostile_files();
  ASSERT_GE(files.size(), 15u);
  for (const Hostile& file : files) {
    const std::string what = error_of([&] { decode(file.bytes, "some.file"); });
    EXPECT_TRUE(contains(what, "some.file")) << file.what << ": '" << what << "'";
    EXPECT_LT(what.size(), 1000u) << file.what << ": an error is one line";
  }
}

TEST(Safetensors, SurvivesEveryCutAndEveryChangedByteOfTheHeader) {
  const std::string whole = encode(sample_file());
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_THROW(decode(whole.substr(0, size), "cut"), Error) << size;
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const char byte : {'\0', '\xff', '9', '[', '"', '-'}) {
      std::string changed = whole;
      changed[at] = byte;
      try {
        decode(changed, "changed");
      } catch (const Error&) {
      }
    }
}

}  // namespace
}  // namespace rectify::model
