#pragma once

#include <functional>
#include <string>

struct MHD_Daemon;

namespace rectify::cli {

/// What a request for one page gets.
struct Answer {
  int status = 404;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
};

/// Serves pages to programs of this machine that know an address, by a thread of its own:
///
///     LocalServer server(0, [](const std::string& page, const std::string&) { ... });
///     server.address()  // "http://127.0.0.1:40123/9f86d081884c7d659a2feaa0c55ad015/"
///
/// It listens at 127.0.0.1 alone. The address has a random token, without which every request is
/// refused: other people on the machine, and other pages in the browser, do not know it. So is a
/// request for another host's name than 127.0.0.1 or localhost, by which a page from elsewhere
/// could reach it (DNS rebinding). Only GET is answered.
class LocalServer {
 public:
  /// `page` is what follows the token, "" or "data"; `seen` the parameter of that name. An
  /// exception becomes an answer with status 503. Called by one thread.
  using Handler = std::function<Answer(const std::string& page, const std::string& seen)>;

  /// `port` 0: one that is free. Throws Error for a port that cannot be had.
  LocalServer(int port, Handler handler);
  ~LocalServer();
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;

  std::string address() const;

  /// What is answered to a request. `url` has no parameters; `host` is the header, empty without.
  Answer answer(const std::string& method, const std::string& url, const std::string& host,
                const std::string& seen) const;

 private:
  int listener_ = -1;
  int port_ = 0;
  std::string token_;
  Handler handler_;
  MHD_Daemon* daemon_ = nullptr;
};

}  // namespace rectify::cli
