#include <gtest/gtest.h>

#include "rectify/base/file.h"
#include "rectify/base/text.h"

namespace rectify {
namespace {

TEST(Readme, ShowsTheExampleThatTheTestsRun) {
  const std::filesystem::path root = RECTIFY_SOURCE_DIR;
  const std::string readme = read_file(root / "README.md");
  std::string indented;
  for (const std::string& line : split(read_file(root / "examples/train_mlp.cpp"), '\n'))
    indented += line.empty() ? "\n" : "    " + line + "\n";
  while (indented.ends_with("\n\n")) indented.pop_back();
  EXPECT_NE(readme.find(indented), std::string::npos)
      << "README.md must show examples/train_mlp.cpp as it is";
}

}  // namespace
}  // namespace rectify
