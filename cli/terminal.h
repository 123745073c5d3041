#pragma once

#include <chrono>
#include <string>

#include "rectify/base/progress.h"

namespace rectify::cli {

/// Exit codes (docs/contracts.md).
inline constexpr int exit_done = 0;
inline constexpr int exit_bad_value = 1;
inline constexpr int exit_bad_command = 2;
inline constexpr int exit_non_finite = 3;
inline constexpr int exit_fault = 4;     ///< with --fail: a fault or a violation was found
inline constexpr int exit_unproven = 5;  ///< with --fail: neither a proof nor a violation was found
inline constexpr int exit_interrupted = 130;

/// The person's terminal: results go to stdout, everything else to stderr.
class Terminal {
 public:
  bool quiet = false;  ///< no progress
  bool json = false;   ///< results as one JSON document

  Terminal();

  /// Columns of stdout, 80 when it is no terminal.
  int width() const;

  /// A live line where stderr is a terminal; elsewhere milestones, and a sign of life now and then.
  void show(const Progress& progress);
  ProgressCallback progress();

  /// One line on stderr, after clearing the live line.
  void say(const std::string& line);
  void warn(const std::string& line);
  void error(const std::string& line);

  /// The result, on stdout. Throws Error when it cannot be written.
  void print(const std::string& text);

 private:
  using Clock = std::chrono::steady_clock;
  void clear_line();
  bool live_ = false;
  bool line_shown_ = false;
  Clock::time_point last_{};
};

/// From now on a write that cannot be done (a closed pipe, a limit on file sizes) is an error that
/// is reported, not a signal that ends the process.
void survive_writes();

/// From now on an interrupt asks for a stop instead of ending the process; a second one ends it.
void catch_interrupts();
bool interrupted();
StopCallback stop_when_interrupted();

}  // namespace rectify::cli
