// Holds docs/architecture.md against the sources: which folder includes which, and how long files
// are.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/text.h"

namespace rectify {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> rooms = {
    "base",  "tensor", "activation", "graph",    "pass",   "run",      "data",   "onnx",
    "model", "c",      "train",      "pretrain", "verify", "diagnose", "report", "lab"};

const fs::path root = RECTIFY_SOURCE_DIR;

bool is_source(const fs::path& path) {
  return path.extension() == ".h" || path.extension() == ".cpp";
}

/// Every source below a folder of the repository, relative to its root.
std::vector<fs::path> sources(const std::string& folder) {
  std::vector<fs::path> found;
  if (!fs::exists(root / folder)) return found;
  for (const auto& entry : fs::recursive_directory_iterator(root / folder))
    if (entry.is_regular_file() && is_source(entry.path()))
      found.push_back(fs::relative(entry.path(), root));
  return found;
}

/// What a line includes, without its quotes or angle brackets; empty when it includes nothing.
std::string included(std::string_view line) {
  line = trim(line);
  if (line.empty() || line[0] != '#') return {};
  line = trim(line.substr(1));
  if (!line.starts_with("include")) return {};
  line = trim(line.substr(7));
  if (line.size() < 2) return {};
  const std::size_t end = line.find(line[0] == '<' ? '>' : '"', 1);
  return std::string(line.substr(1, end == std::string_view::npos ? end : end - 1));
}

std::size_t rank(const std::string& room) {
  const auto found = std::ranges::find(rooms, room);
  if (found == rooms.end()) fail("the order of rooms does not know '", room, "'");
  return static_cast<std::size_t>(found - rooms.begin());
}

TEST(Rooms, IncludeOnlyThoseBeforeThem) {
  std::size_t scanned = 0, includes = 0;
  for (const fs::path& file : sources("rectify")) {
    ++scanned;
    const std::string room = std::next(file.begin())->string();
    for (const std::string& line : split(read_file(root / file), '\n')) {
      const std::string header = included(line);
      if (header.empty()) continue;
      EXPECT_FALSE(header.starts_with("cli/") || header.starts_with("tests/"))
          << file << " includes " << header;
      if (!header.starts_with("rectify/")) continue;
      ++includes;
      EXPECT_TRUE(fs::exists(root / header)) << file << " includes " << header;
      EXPECT_LE(rank(split(header, '/')[1]), rank(room)) << file << " includes " << header;
    }
  }
  EXPECT_GE(scanned, 50u);
  EXPECT_GE(includes, 100u);
}

TEST(Rooms, OnlyTheKernelsKnowOneDnn) {
  std::size_t users = 0;
  for (const std::string folder : {"rectify", "cli", "tests", "examples", "bench"})
    for (const fs::path& file : sources(folder))
      for (const std::string& line : split(read_file(root / file), '\n')) {
        const std::string header = included(line);
        if (!header.starts_with("dnnl") && !header.starts_with("oneapi/dnnl")) continue;
        if (file.string().starts_with("bench/against/")) continue;  // there it is a peer
        ++users;
        EXPECT_TRUE(file.string().starts_with("rectify/run/cpu/"))
            << file << " includes " << header;
      }
  EXPECT_EQ(users, 1u) << "one header absorbs the difference between the versions";
}

/// Expects that of all folders' sources only `user` includes headers whose name starts so.
void expect_one_user(const std::string& library, const std::string& user,
                     const std::vector<std::string>& folders) {
  std::size_t includes = 0;
  for (const std::string& folder : folders)
    for (const fs::path& file : sources(folder))
      for (const std::string& line : split(read_file(root / file), '\n')) {
        if (!included(line).starts_with(library)) continue;
        ++includes;
        EXPECT_EQ(file.string(), user) << "includes " << library;
      }
  EXPECT_GT(includes, 0u) << library;
}

TEST(Rooms, OneSourceKnowsLibxsmm) {
  expect_one_user("libxsmm", "rectify/run/cpu/product/small_product.cpp",
                  {"rectify", "cli", "tests", "examples", "bench"});
}

// Their headers take seconds to compile.
TEST(Rooms, OneSourceEachKnowsTheLibrariesOfJsonOfTomlAndOfTheCommandLine) {
  expect_one_user("nlohmann/", "rectify/base/json.cpp", {"rectify", "cli", "examples"});
  expect_one_user("toml++/", "rectify/base/toml.cpp", {"rectify", "cli", "tests", "examples"});
  expect_one_user("CLI/", "cli/arguments.cpp", {"rectify", "cli", "tests", "examples"});
}

// Later backends stand beside it: who wants something of the processor's alone finds it in run/.
TEST(Rooms, NothingOutsideKnowsTheProcessorsBackend) {
  std::size_t inside = 0;
  for (const std::string folder : {"rectify", "cli", "tests", "examples", "bench"})
    for (const fs::path& file : sources(folder))
      for (const std::string& line : split(read_file(root / file), '\n')) {
        const std::string header = included(line), name = file.string();
        if (!header.starts_with("rectify/run/cpu/")) continue;
        const bool is_inside = name.starts_with("rectify/run/cpu/");
        inside += is_inside;
        const bool tests_kernels = name.starts_with("tests/run/") || name == "bench/kernels.cpp" ||
                                   name == "bench/sparse.cpp";
        EXPECT_TRUE(is_inside || tests_kernels) << file << " includes " << header;
      }
  EXPECT_GE(inside, 50u);
}

/// Files that are tables: one row after the other, which nobody reads from top to bottom.
const std::vector<std::string> tables = {"rectify/activation/family.h"};

TEST(Rooms, HaveFilesOfAtMost400LinesButTables) {
  std::size_t scanned = 0;
  for (const std::string folder : {"rectify", "cli", "tests", "examples"})
    for (const fs::path& file : sources(folder)) {
      ++scanned;
      const bool is_program = folder == "rectify" || folder == "cli";
      const bool is_table = std::ranges::find(tables, file.string()) != tables.end();
      const std::string text = read_file(root / file);
      EXPECT_LE(std::ranges::count(text, '\n'), is_program && !is_table ? 400 : 500) << file;
    }
  EXPECT_GE(scanned, 100u);
}

// What a step of training is made of stands in one place each: the trainer, the memory forecast and
// the profile all go through them.
TEST(Rooms, SetUpTrainingInOnePlace) {
  const std::pair<std::string, fs::path> places[] = {
      {"pass::differentiate(", "rectify/train/objective.cpp"},
      {"pass::advance(", "rectify/train/objective.cpp"},
      {".sinks[", "rectify/train/step.cpp"},
      {".bound[", "rectify/train/step.cpp"}};
  for (const auto& [text, place] : places) {
    std::vector<fs::path> found;
    for (const std::string folder : {"rectify/train", "rectify/lab", "cli"})
      for (const fs::path& file : sources(folder))
        if (read_file(root / file).find(text) != std::string::npos) found.push_back(file);
    EXPECT_EQ(found, std::vector<fs::path>{place}) << text;
  }
}

// Someone may set the machine's clock while a run works: only a date may come from it.
TEST(Rooms, MeasureTimeWithAClockThatCannotJump) {
  for (const std::string folder : {"rectify", "cli"})
    for (const fs::path& file : sources(folder)) {
      const std::string text = read_file(root / file);
      for (const char* jumping : {"system_clock", "high_resolution_clock", "gettimeofday",
                                  "CLOCK_REALTIME", "file_clock::now"})
        EXPECT_EQ(text.find(jumping), std::string::npos) << file << " uses " << jumping;
      const bool dates = file == fs::path("rectify/lab/summary.cpp");
      EXPECT_EQ(text.find("std::time(") != std::string::npos, dates) << file;
    }
}

TEST(Rooms, KnowAnIncludeWhenTheySeeOne) {
  EXPECT_EQ(included("#include \"rectify/base/error.h\""), "rectify/base/error.h");
  EXPECT_EQ(included("  #  include <dnnl.hpp>  // why"), "dnnl.hpp");
  EXPECT_EQ(included("// #include <dnnl.hpp>"), "");
  EXPECT_EQ(included("#pragma once"), "");
  EXPECT_THROW(rank("kitchen"), Error);
}

}  // namespace
}  // namespace rectify
