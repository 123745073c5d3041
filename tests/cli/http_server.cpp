#include "tests/cli/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "rectify/base/error.h"

namespace rectify::cli {

namespace {

/// What the client asks for, to the blank line; empty when it has gone.
std::string request_on(int connection) {
  std::string request;
  char piece[1024];
  while (request.find("\r\n\r\n") == std::string::npos) {
    const ssize_t got = ::recv(connection, piece, sizeof piece, 0);
    if (got <= 0) return {};
    request.append(piece, static_cast<std::size_t>(got));
  }
  return request;
}

/// Sends it all, unless the client has gone.
void send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
}

/// Where the bytes that are asked for begin.
std::size_t start_of(const std::string& request) {
  const std::string_view word = "Range: bytes=";
  const std::size_t at = request.find(word);
  return at == std::string::npos ? 0
                                 : std::strtoul(request.c_str() + at + word.size(), nullptr, 10);
}

std::string head(int status, std::size_t length, const std::string& more = {}) {
  return concat("HTTP/1.1 ", status, " Answer\r\nContent-Length: ", length, "\r\n", more,
                "Connection: close\r\n\r\n");
}

}  // namespace

HttpServer::HttpServer(std::map<std::string, Served> files) : files_(std::move(files)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener_ < 0 || ::bind(listener_, generic, size) != 0 || ::listen(listener_, 8) != 0 ||
      ::getsockname(listener_, generic, &size) != 0)
    fail("cannot make a server for the test");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

HttpServer::~HttpServer() {
  ending_ = true;
  thread_.join();
  ::close(listener_);
}

std::string HttpServer::url() const { return concat("http://127.0.0.1:", port_, "/"); }

void HttpServer::serve() {
  while (!ending_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (::poll(&waiting, 1, 20) <= 0) continue;
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    answer(connection);
    ::close(connection);
  }
}

void HttpServer::answer(int connection) {
  const std::string request = request_on(connection);
  const std::size_t slash = request.find('/'), blank = request.find(' ', slash);
  if (slash == std::string::npos || blank == std::string::npos) return;
  const auto found = files_.find(request.substr(slash + 1, blank - slash - 1));
  const int status = found == files_.end() ? 404 : found->second.status;
  if (status != 0) return send_all(connection, head(status, 5) + "sorry");
  Served& file = found->second;
  const std::size_t asked = start_of(request), whole = file.content.size();
  const std::size_t start = file.ranges ? asked : 0;
  resumed_ += asked > 0;
  if (start > 0 && start >= whole) return send_all(connection, head(416, 0));
  const std::string range =
      start > 0 ? concat("Content-Range: bytes ", start, "-", whole - 1, "/", whole, "\r\n") : "";
  send_all(connection, head(start > 0 ? 206 : 200, whole - start, range));
  std::size_t count = whole - start;
  if (file.breaks > 0) {
    --file.breaks;
    count = std::min(count, file.breaks_after);
  }
  sent_ += count;
  send_all(connection, std::string_view(file.content).substr(start, count));
}

}  // namespace rectify::cli
