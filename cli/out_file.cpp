#include "cli/out_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "rectify/base/error.h"

namespace rectify::cli {

namespace fs = std::filesystem;

void check_can_write(const fs::path& file) {
  const auto refuse = [&](const auto&... why) {
    fail("cannot write '", file.string(), "': ", why..., "; give another file");
  };
  std::error_code ignored;
  // write_file() follows links, too.
  const fs::path path = fs::is_symlink(file, ignored) ? fs::weakly_canonical(file, ignored) : file;
  const fs::file_status status = fs::status(path, ignored);
  if (fs::is_directory(status)) refuse("it is a directory");
  if (path.empty()) refuse("its links go round in a circle");
  if (fs::exists(status) && !fs::is_regular_file(status)) {  // a device or a pipe
    if (::access(path.c_str(), W_OK) != 0) refuse(std::strerror(errno));
    return;
  }
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (!fs::is_directory(folder, ignored)) refuse("there is no folder '", folder.string(), "'");
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    refuse("the folder '", folder.string(), "' may not be written to");
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail("cannot make the folder '", folder.string(), "': ", error.message());
  if (!fs::is_directory(folder, error))
    fail("cannot make the folder '", folder.string(), "': there is a file of that name");
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    fail("the folder '", folder.string(), "' may not be written to; give another");
}

}  // namespace rectify::cli
