#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify::cli {

namespace {

/// `text` without line ends and other characters that would act on a terminal: it may quote what
/// somebody typed, or a file.
std::string one_line(std::string text) {
  for (char& c : text)
    if ((c >= 0 && c < ' ') || c == '\x7f') c = '?';
  return text;
}

volatile std::sig_atomic_t interrupt_count = 0;

extern "C" void on_interrupt(int signal_number) {
  interrupt_count = interrupt_count + 1;
  // A terminal that closes sends SIGHUP, and its shell sends another: nobody is in a hurry.
  if (interrupt_count > 1 && signal_number != SIGHUP) {
    std::signal(signal_number, SIG_DFL);
    std::raise(signal_number);
  }
}

int columns_of(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) return size.ws_col;
  return 80;
}

std::string progress_line(const Progress& p) {
  std::string line = fixed_text(100 * p.done, 0) + " %  " + p.text;
  if (p.seconds_left >= 0) line += ", " + duration_text(p.seconds_left) + " left";
  return line;
}

}  // namespace

Terminal::Terminal() : live_(::isatty(STDERR_FILENO) == 1) {}

int Terminal::width() const { return ::isatty(STDOUT_FILENO) ? columns_of(STDOUT_FILENO) : 80; }

void Terminal::clear_line() {
  if (line_shown_) std::fputs("\r\033[K", stderr);
  line_shown_ = false;
}

void Terminal::show(const Progress& p) {
  if (quiet) return;
  const auto now = Clock::now();
  const double since = std::chrono::duration<double>(now - last_).count();
  constexpr double live_interval = 0.1, plain_interval = 10;
  if (p.milestone) {
    clear_line();
    std::fprintf(stderr, "%s\n", live_ ? p.text.c_str() : progress_line(p).c_str());
  } else if (live_ && since >= live_interval) {
    clear_line();
    std::string line = progress_line(p);
    const auto width = static_cast<std::size_t>(columns_of(STDERR_FILENO) - 1);
    if (line.size() > width) line.resize(width);
    std::fputs(line.c_str(), stderr);
    line_shown_ = true;
  } else if (!live_ && since >= plain_interval) {
    std::fprintf(stderr, "%s\n", progress_line(p).c_str());
  } else {
    return;
  }
  std::fflush(stderr);
  last_ = now;
}

ProgressCallback Terminal::progress() {
  last_ = Clock::now();
  return [this](const Progress& p) { show(p); };
}

void Terminal::say(const std::string& line) {
  if (quiet) return;
  clear_line();
  std::fprintf(stderr, "%s\n", line.c_str());
}

void Terminal::warn(const std::string& line) {
  clear_line();
  std::fprintf(stderr, "rectify: warning: %s\n", one_line(line).c_str());
}

void Terminal::error(const std::string& line) {
  clear_line();
  std::fprintf(stderr, "rectify: error: %s\n", one_line(line).c_str());
}

void Terminal::print(const std::string& text) {
  clear_line();
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
    return;
  if (errno != EPIPE) fail("cannot write the result to standard output: ", std::strerror(errno));
  std::signal(SIGPIPE, SIG_DFL);  // the reader has had enough: end as other programs do
  std::raise(SIGPIPE);
}

void survive_writes() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

void catch_interrupts() {
  // The handler gets a stack of its own: oneDNN's generated code does not keep the thread's stack
  // free for it, and a handler that ran there damaged the heap (docs/decisions/0006).
  static std::array<char, 1 << 16> memory;
  stack_t stack{};
  stack.ss_sp = memory.data();
  stack.ss_size = memory.size();
  sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags = SA_ONSTACK | SA_RESTART;
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before {};
    sigaction(signal_number, nullptr, &before);
    // What was ignored when the program began stays so, as nohup wants it.
    if (before.sa_handler != SIG_IGN) sigaction(signal_number, &action, nullptr);
  }
}

bool interrupted() { return interrupt_count > 0; }

StopCallback stop_when_interrupted() {
  catch_interrupts();
  return [] { return interrupted(); };
}

}  // namespace rectify::cli
