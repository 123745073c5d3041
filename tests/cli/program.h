#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "tests/temporary_folder.h"

namespace rectify::cli {

/// What a run of the program left.
struct Outcome {
  int code = -1;
  std::string out, err;
};

/// Characters of the longest line.
std::size_t longest_line(const std::string& text);

/// Runs `rectify ARGUMENTS` through a shell in `folder`, `environment` set before it ("A=1 B=2"),
/// or with a command before it whose output it reads ("cat rows.csv |").
Outcome run_program(const std::filesystem::path& folder, const std::string& arguments,
                    const std::string& environment = {});

/// The program while it runs in `folder`, with stderr in its file .err and stdout in .stdout. Ends
/// with the object.
class Process {
 public:
  /// `before` is what the shell does first.
  Process(const std::filesystem::path& folder, const std::string& arguments,
          const std::string& before = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// Waits until the file has that many lines, or the program has ended.
  void wait_for_file(const std::string& name, int lines = 0);
  /// Waits that long, or until the program has ended.
  void wait_for(std::chrono::duration<double> time);
  void send(int signal_number);
  /// Its exit code; the negative number of the signal that ended it.
  int wait();

 private:
  bool ended();
  std::filesystem::path folder_;
  int id_ = -1;
  int status_ = 0;
  bool ended_ = false;
};

/// Starts a run that goes to the folder `out`, sends the signal once `lines` more epochs are in its
/// history, and gives the exit code of Process::wait. On a busy machine the run may be done before
/// the signal comes: then it is removed and begins again. So `arguments` are asked for each time.
int run_and_signal(const std::filesystem::path& folder,
                   const std::function<std::string()>& arguments, const std::string& out, int lines,
                   int signal_number);

}  // namespace rectify::cli
