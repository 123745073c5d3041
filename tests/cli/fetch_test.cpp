#include "cli/fetch/fetch.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdio>
#include <filesystem>

#include "cli/fetch/md5.h"
#include "cli/fetch/tar.h"
#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "rectify/lab/stopped.h"
#include "tests/cli/http_server.h"
#include "tests/cli/program.h"

namespace rectify::cli {
namespace {

namespace fs = std::filesystem;

std::string md5(std::string_view text) {
  Md5 sum;
  sum.add(text);
  return sum.hex();
}

/// Bytes that differ from place to place.
std::string bytes(std::size_t count, unsigned seed = 1) {
  std::string text(count, '\0');
  for (char& c : text) c = static_cast<char>((seed = seed * 1664525 + 1013904223) >> 24);
  return text;
}

/// What a download says when it fails; empty when it does not.
template <class Work>
std::string error_of(Work work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A data set of one file that a server on this machine has.
class Fetch : public testing::Test {
 protected:
  const std::string content_ = bytes(300000);
  const PublishedSet set_ = {.name = "toy",
                             .base = "http://127.0.0.1:9/",
                             .files = {{"toy.bin", 300000, md5(content_)}},
                             .members = {},
                             .kind = "toy"};
  DownloadOptions quick_ = {.wait_seconds = 0.01, .stall_seconds = 300};
  TemporaryFolder folder_;
  fs::path file_ = folder_.path() / "toy.bin";
  fs::path partial_ = folder_.path() / "toy.bin.partial";

  void fetch_from(const HttpServer& server) { fetch(set_, folder_.path(), server.url(), quick_); }
  void expect_whole() {
    EXPECT_TRUE(read_file(file_) == content_);
    EXPECT_FALSE(fs::exists(partial_));
  }
};

TEST(Md5, IsThatOfRfc1321) {
  EXPECT_EQ(md5(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(md5("abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(md5("12345678901234567890123456789012345678901234567890123456789012345678901234567890"),
            "57edf4a22be3c955ac49da2e2107b67a");
}

TEST(Md5, DoesNotDependOnThePieces) {
  const std::string text = bytes(1000);
  for (const std::size_t piece : {1u, 55u, 56u, 63u, 64u, 65u, 999u}) {
    Md5 sum;
    for (std::size_t at = 0; at < text.size(); at += piece)
      sum.add(std::string_view(text).substr(at, piece));
    EXPECT_EQ(sum.hex(), md5(text)) << piece;
  }
}

TEST_F(Fetch, BringsAFileOnceAndTellsHowFarItIs) {
  const HttpServer server({{"toy.bin", {content_}}});
  double last = 0;
  fetch(set_, folder_.path(), server.url(), quick_, [&](const Progress& p) {
    EXPECT_GE(p.done, last);
    last = p.done;
  });
  expect_whole();
  EXPECT_EQ(last, 1.0);
  fetch_from(server);
  EXPECT_EQ(server.sent(), content_.size()) << "the second time it is there";
}

TEST_F(Fetch, TakesUpAConnectionThatBreaks) {
  const HttpServer server({{"toy.bin", {.content = content_, .breaks_after = 70000, .breaks = 3}}});
  fetch_from(server);
  expect_whole();
  EXPECT_EQ(server.resumed(), 3);
  EXPECT_EQ(server.sent(), content_.size()) << "nothing is sent twice";
}

TEST_F(Fetch, GoesOnWhereAnEarlierProcessStopped) {
  write_file(partial_, content_.substr(0, 200000));
  const HttpServer server({{"toy.bin", {content_}}});
  fetch_from(server);
  expect_whole();
  EXPECT_EQ(server.sent(), 100000u);
}

TEST_F(Fetch, BeginsAgainWhereTheServerKnowsNoRanges) {
  const HttpServer server(
      {{"toy.bin", {.content = content_, .ranges = false, .breaks_after = 70000, .breaks = 1}}});
  fetch_from(server);
  expect_whole();
}

TEST_F(Fetch, TakesAFileThatWasCompleteButForItsName) {
  write_file(partial_, content_);
  const HttpServer server({{"toy.bin", {content_}}});
  fetch_from(server);
  expect_whole();
  EXPECT_EQ(server.sent(), 0u);
}

TEST_F(Fetch, BeginsAgainWhenWhatWasThereIsOfAnotherFile) {
  for (const std::size_t size : {200000u, 300000u, 400000u}) {
    fs::remove(file_);
    write_file(partial_, bytes(size, 2));
    const HttpServer server({{"toy.bin", {content_}}});
    fetch_from(server);
    expect_whole();
  }
}

TEST_F(Fetch, RefusesAWrongSumAndKeepsNothingOfIt) {
  const HttpServer server({{"toy.bin", {bytes(300000, 2)}}});
  const std::string error = error_of([&] { fetch_from(server); });
  EXPECT_TRUE(contains(error, md5(content_))) << error;
  EXPECT_TRUE(contains(error, md5(bytes(300000, 2)))) << error;
  EXPECT_TRUE(contains(error, "--mirror")) << error;
  EXPECT_FALSE(fs::exists(file_));
  EXPECT_FALSE(fs::exists(partial_));
}

TEST_F(Fetch, DoesNotReplaceAFileOfThatNameThatIsAnother) {
  write_file(file_, "mine");
  const HttpServer server({{"toy.bin", {content_}}});
  EXPECT_TRUE(contains(error_of([&] { fetch_from(server); }), "remove it"));
  EXPECT_EQ(read_file(file_), "mine");
}

TEST_F(Fetch, StopsAServerThatSendsMoreThanTheFileHas) {
  const HttpServer server({{"toy.bin", {bytes(3000000)}}});
  EXPECT_TRUE(contains(error_of([&] { fetch_from(server); }), "more than the 300000 bytes"));
  EXPECT_LE(fs::file_size(partial_), 300000u);
}

TEST_F(Fetch, SaysWhatTheServerAnswers) {
  const HttpServer missing({});
  EXPECT_TRUE(contains(error_of([&] { fetch_from(missing); }), "the server answers 404"));
  const HttpServer broken({{"toy.bin", {.content = "", .status = 503}}});
  EXPECT_TRUE(contains(error_of([&] { fetch_from(broken); }), "the server answers 503"));
  EXPECT_FALSE(fs::exists(file_));
}

TEST_F(Fetch, GivesUpOnAServerThatAlwaysBreaksButKeepsWhatCame) {
  const HttpServer server({{"toy.bin", {.content = content_, .breaks_after = 0, .breaks = 1000}}});
  write_file(partial_, content_.substr(0, 1000));
  EXPECT_NE(error_of([&] { fetch_from(server); }), "");
  EXPECT_EQ(read_file(partial_), content_.substr(0, 1000));
}

TEST_F(Fetch, StopsWhenAskedToAndGoesOnLater) {
  const HttpServer server({{"toy.bin", {content_}}});
  std::int64_t seen = 0;
  const auto progress = [&](const Progress& p) { seen = static_cast<std::int64_t>(p.done * 3e5); };
  EXPECT_THROW(
      fetch(set_, folder_.path(), server.url(), quick_, progress, [&] { return seen > 0; }),
      lab::Stopped);
  EXPECT_FALSE(fs::exists(file_));
  fetch_from(server);
  expect_whole();
}

/// One file of a tar archive.
std::string tar_entry(const std::string& name, const std::string& content, char type = '0') {
  std::string header(512, '\0');
  const auto put = [&](std::size_t at, const std::string& text) {
    header.replace(at, text.size(), text);
  };
  char size[12];
  std::snprintf(size, sizeof size, "%011zo", content.size());
  put(0, name);
  put(124, size);
  header[156] = type;
  put(148, "        ");
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  char digits[8];
  std::snprintf(digits, sizeof digits, "%06o", sum);
  put(148, digits);
  std::string padded = content;
  padded.resize((content.size() + 511) / 512 * 512);
  return header + padded;
}

void write_packed(const fs::path& path, const std::string& content) {
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
  gzclose(file);
}

TEST_F(Fetch, UnpacksAnArchiveWithoutFollowingItsPaths) {
  const fs::path archive = folder_.path() / "a.tar.gz";
  const std::string tar = tar_entry("a/", "", '5') + tar_entry("../../etc/one.bin", "1") +
                          tar_entry("a/other", bytes(40000)) + tar_entry("a/two.bin", content_) +
                          std::string(1024, '\0');
  write_packed(archive, tar);
  unpack_members(archive, {"one.bin", "two.bin"}, folder_.path());
  EXPECT_EQ(read_file(folder_.path() / "one.bin"), "1");
  EXPECT_TRUE(read_file(folder_.path() / "two.bin") == content_);
  EXPECT_FALSE(fs::exists(folder_.path() / "other"));
}

TEST_F(Fetch, RefusesADamagedArchive) {
  const fs::path archive = folder_.path() / "a.tar.gz";
  const std::string tar = tar_entry("a/one.bin", bytes(2000));
  const auto refusal = [&](const std::string& content) {
    write_packed(archive, content);
    return error_of([&] { unpack_members(archive, {"one.bin"}, folder_.path()); });
  };
  EXPECT_TRUE(contains(refusal(bytes(2000)), "not a tar archive"));
  EXPECT_TRUE(contains(refusal(tar.substr(0, 1500)), "ends in the middle"));
  EXPECT_TRUE(contains(refusal(""), "holds no 'one.bin'"));
  EXPECT_TRUE(contains(refusal(tar_entry("a/link", "", '2')), "holds no 'one.bin'"));
  std::string hostile = tar;
  hostile.replace(124, 11, "77777777777");
  EXPECT_TRUE(contains(refusal(hostile), "not a tar archive"));
}

TEST(FetchVerb, SaysWhatToDoWithoutANetwork) {
  const TemporaryFolder folder;
  const Outcome outcome = run_program(
      folder.path(), "data fetch mnist --out m --mirror http://127.0.0.1:9/ --quiet", "no_proxy=*");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(split(outcome.err, '\n').size(), 2u) << outcome.err;
  for (const char* part :
       {"rectify: error: cannot download http://127.0.0.1:9/train-images-idx3-ubyte.gz: ",
        "--mirror URL", "by hand", "t10k-labels-idx1-ubyte.gz"})
    EXPECT_TRUE(contains(outcome.err, part)) << outcome.err;
}

TEST(FetchVerb, ChecksWhatAMirrorSends) {
  const TemporaryFolder folder;
  const HttpServer server({{"cifar-10-binary.tar.gz", {bytes(1000)}}});
  const Outcome outcome = run_program(
      folder.path(), "data fetch cifar10 --out c --mirror " + server.url(), "no_proxy=*");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(contains(outcome.err, "c32a1d4ab5d03f1284b67883e8d87530")) << outcome.err;
}

TEST(FetchVerb, SaysSoWhenTheDiskIsFull) {
  const TemporaryFolder folder;
  const HttpServer server({{"cifar-10-binary.tar.gz", {bytes(1000000)}}});
  const Outcome outcome =
      run_program(folder.path(), "data fetch cifar10 --out c --mirror " + server.url(),
                  "ulimit -f 100 && no_proxy=*");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(split(outcome.err, '\n').size(), 2u) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "cannot write 'c/cifar-10-binary.tar.gz.partial'"))
      << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "make room")) << outcome.err;
  EXPECT_EQ(fs::file_size(folder.path() / "c/cifar-10-binary.tar.gz.partial"), 51200u)
      << "what fitted is kept, to go on from";
}

TEST(FetchVerb, SuggestsTheNearestName) {
  const TemporaryFolder folder;
  const Outcome outcome = run_program(folder.path(), "data fetch minst --out m");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(contains(outcome.err, "did you mean 'mnist'?")) << outcome.err;
}

}  // namespace
}  // namespace rectify::cli
