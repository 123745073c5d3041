#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "rectify/base/error.h"
#include "rectify/base/file.h"

namespace rectify {

/// An empty folder that no other test has, however many run at once; removed with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "rectify-test-XXXXXX").string();
    if (!::mkdtemp(name.data())) fail("cannot make a folder for the test");
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string string() const { return path_.string(); }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  /// The path of a file of that name, which then has that content.
  std::string write(const std::string& name, const std::string& content) const {
    write_file(path_ / name, content);
    return (path_ / name).string();
  }

 private:
  std::filesystem::path path_;
};

}  // namespace rectify
