#include "tests/cli/program.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>

#include "rectify/base/error.h"
#include "rectify/base/file.h"

namespace rectify::cli {

Outcome run_program(const std::filesystem::path& folder, const std::string& arguments,
                    const std::string& environment) {
  const std::string command = concat("cd '", folder.string(), "' && ", environment, " '",
                                     RECTIFY_PROGRAM, "' ", arguments, " >.out 2>.err </dev/null");
  const int status = std::system(command.c_str());
  return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          .out = read_file(folder / ".out"),
          .err = read_file(folder / ".err")};
}

int interrupt_program(const std::filesystem::path& folder, const std::string& arguments,
                      const std::string& file, int lines) {
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string command = concat("cd '", folder.string(), "' && exec '", RECTIFY_PROGRAM,
                                       "' ", arguments, " >/dev/null 2>&1");
    ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    ::_exit(127);
  }
  const auto written = [&] {
    std::ifstream in(folder / file);
    return std::count(std::istreambuf_iterator<char>(in), {}, '\n');
  };
  int status = 0;
  while (written() < lines && ::waitpid(child, &status, WNOHANG) == 0)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  ::kill(child, SIGINT);
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Folder::Folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "rectify-cli-XXXXXX").string();
  if (!::mkdtemp(pattern.data())) fail("cannot make a folder for the test");
  path_ = pattern;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace rectify::cli
