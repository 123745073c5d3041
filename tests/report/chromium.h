#pragma once

// A headless Chromium that tests give orders to.

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "rectify/base/json.h"
#include "tests/temporary_folder.h"

namespace rectify::report {

/// The path of a browser; empty where there is none.
std::string browser();

/// A browser that runs until the object ends, for one page after the other. Starting it takes as
/// long as most pages do. Orders and answers are those of Chromium's DevTools protocol
/// (--remote-debugging-pipe): JSON messages, each ended by a zero byte.
///
///     Chromium chromium(browser());
///     const Json title = chromium.ask("file:///tmp/page.html", "document.title");
///
/// Functions throw Error when the browser has ended, says no, or does not answer for ten minutes.
class Chromium {
 public:
  explicit Chromium(const std::string& program);
  ~Chromium();
  Chromium(const Chromium&) = delete;
  Chromium& operator=(const Chromium&) = delete;

  /// Opens a page, and gives the value of a JavaScript expression there once the page is loaded; of
  /// a promise, what it comes to.
  Json ask(const std::string& address, const std::string& expression);

  /// The text of a page as it is when it has been open for 20 seconds by its own clock, which takes
  /// no time where the page does nothing but wait.
  std::string document_after_20_seconds(const std::string& address);

 private:
  /// What orders for a page are addressed to.
  struct Page {
    std::string target, session;
  };
  Page new_page();
  void go_to(const Page& page, const std::string& address);
  Json value_of(const Page& page, const std::string& expression);
  void close(const Page& page);

  /// Sends an order, and gives what it returns.
  Json order(const std::string& method, Json parameters, const std::string& session = "");
  /// The next message of the browser: an answer, or an event.
  Json next_message();
  void wait_for_event(std::string_view method);

  const TemporaryFolder profile_;
  pid_t process_ = -1;
  int socket_ = -1;
  std::string received_;
  int orders_ = 0;
  std::optional<Page> page_;  ///< that ask() has used: a new one would take longer
};

}  // namespace rectify::report
