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

namespace {

/// -1 where there is no such file.
int lines_in(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) return -1;
  return static_cast<int>(std::count(std::istreambuf_iterator<char>(in), {}, '\n'));
}

}  // namespace

std::size_t longest_line(const std::string& text) {
  std::size_t longest = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    longest = std::max(longest, end - at);
    at = end + 1;
  }
  return longest;
}

Outcome run_program(const std::filesystem::path& folder, const std::string& arguments,
                    const std::string& environment) {
  const bool piped = environment.ends_with('|');
  const std::string command =
      concat("cd '", folder.string(), "' && ", environment, " '", RECTIFY_PROGRAM, "' ", arguments,
             " >.out 2>.err", piped ? "" : " </dev/null");
  const int status = std::system(command.c_str());
  return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          .out = read_file(folder / ".out"),
          .err = read_file(folder / ".err")};
}

Process::Process(const std::filesystem::path& folder, const std::string& arguments,
                 const std::string& before)
    : folder_(folder) {
  const std::string command = concat("cd '", folder.string(), "' && ", before, " exec '",
                                     RECTIFY_PROGRAM, "' ", arguments, " >.stdout 2>.err");
  id_ = ::fork();
  if (id_ != 0) return;
  // A test that runs in the background inherits that they are ignored.
  for (const int signal_number : {SIGINT, SIGHUP, SIGTERM}) std::signal(signal_number, SIG_DFL);
  ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
  ::_exit(127);
}

Process::~Process() {
  send(SIGKILL);
  wait();
}

bool Process::ended() {
  if (!ended_) ended_ = ::waitpid(id_, &status_, WNOHANG) == id_;
  return ended_;
}

void Process::wait_for_file(const std::string& name, int lines) {
  while (lines_in(folder_ / name) < lines && !ended())
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

void Process::wait_for(std::chrono::duration<double> time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end && !ended())
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void Process::send(int signal_number) {
  if (!ended()) ::kill(id_, signal_number);
}

int Process::wait() {
  if (!ended_) ended_ = ::waitpid(id_, &status_, 0) == id_;
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : -WTERMSIG(status_);
}

int run_and_signal(const std::filesystem::path& folder,
                   const std::function<std::string()>& arguments, const std::string& out, int lines,
                   int signal_number) {
  constexpr int attempts = 10;
  const std::string history = out + "/history.jsonl";
  int code = 0;
  for (int i = 0; i < attempts && code == 0; ++i) {
    if (i > 0) std::filesystem::remove_all(folder / out);
    const int before = std::max(0, lines_in(folder / history));
    Process process(folder, arguments());
    process.wait_for_file(history, before + lines);
    process.send(signal_number);
    code = process.wait();
  }
  return code;
}

}  // namespace rectify::cli
