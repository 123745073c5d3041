#pragma once

#include <atomic>
#include <cstddef>
#include <map>
#include <string>
#include <thread>

namespace rectify::cli {

/// What a server does with a request for one file.
struct Served {
  std::string content;
  bool ranges = true;                            ///< answers a request for the rest with the rest
  std::size_t breaks_after = std::string::npos;  ///< bytes of content; then the connection closes
  int breaks = 0;                                ///< how often it does; afterwards it sends all
  int status = 0;                                ///< an error to answer with instead; 0 is none
};

/// A server for HTTP on this machine, one connection at a time, that knows nothing but GET and
/// Range. Ends with the object.
class HttpServer {
 public:
  /// Serves each file under /NAME.
  explicit HttpServer(std::map<std::string, Served> files);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Of the folder with the files.
  std::string url() const;
  /// How many bytes of files have been sent.
  std::size_t sent() const { return sent_; }
  /// How many requests have asked for the rest of a file.
  int resumed() const { return resumed_; }

 private:
  void serve();
  void answer(int connection);

  std::map<std::string, Served> files_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> ending_ = false;
  std::atomic<std::size_t> sent_ = 0;
  std::atomic<int> resumed_ = 0;
  std::thread thread_;
};

}  // namespace rectify::cli
