#include "rectify/data/places.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "rectify/base/error.h"

namespace rectify::data {

namespace fs = std::filesystem;

void check_folder(const std::string& folder, const std::string& advice) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (!fs::exists(status))
    fail("cannot open '", folder, "': ", error ? error.message() : "No such file or directory");
  if (!fs::is_directory(status)) fail("'", folder, "' is not a directory; ", advice);
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error))
    names.push_back(entry->path().filename().string());
  if (error) fail("cannot read the folder '", folder, "': ", error.message());
  std::sort(names.begin(), names.end());
  return names;
}

std::string first_file(const std::string& folder, const std::vector<std::string>& names) {
  std::string directory;
  for (const std::string& name : names) {
    const std::string path = (fs::path(folder) / name).string();
    std::error_code ignored;
    if (!fs::exists(path, ignored)) continue;
    if (!fs::is_directory(path, ignored)) return path;
    directory = path;
  }
  return directory;
}

}  // namespace rectify::data
