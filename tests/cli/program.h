#pragma once

#include <filesystem>
#include <string>

namespace rectify::cli {

/// What a run of the program left.
struct Outcome {
  int code = -1;
  std::string out, err;
};

/// Runs `rectify ARGUMENTS` through a shell in `folder`, `environment` set before it ("A=1 B=2").
Outcome run_program(const std::filesystem::path& folder, const std::string& arguments,
                    const std::string& environment = {});

/// Starts the program and sends it SIGINT once `file` has `lines` lines; its exit code.
int interrupt_program(const std::filesystem::path& folder, const std::string& arguments,
                      const std::string& file, int lines);

/// An empty folder of this test's own, removed with the object.
class Folder {
 public:
  Folder();
  ~Folder();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace rectify::cli
