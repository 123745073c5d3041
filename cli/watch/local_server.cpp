#include "cli/watch/local_server.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <memory>
#include <string_view>

#include "rectify/base/error.h"

namespace rectify::cli {

namespace {

/// 128 random bits, in hexadecimal digits.
std::string random_token() {
  unsigned char bytes[16];
  if (::getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
    fail("the system gives no random numbers: ", std::strerror(errno));
  std::string token;
  for (const unsigned char byte : bytes) {
    token += "0123456789abcdef"[byte >> 4];
    token += "0123456789abcdef"[byte & 15];
  }
  return token;
}

/// In a time that does not tell how much of it is right.
bool is_equal(std::string_view given, std::string_view token) {
  if (given.size() != token.size()) return false;
  int different = 0;
  for (std::size_t i = 0; i < token.size(); ++i) different |= given[i] ^ token[i];
  return different == 0;
}

/// Whether a Host header names this machine, with any port: a tunnel may have another one.
bool is_local(std::string_view host) {
  const std::size_t colon = std::min(host.find(':'), host.size());
  const std::string_view name = host.substr(0, colon), port = host.substr(colon);
  const bool is_port = std::ranges::all_of(port.substr(std::min<std::size_t>(1, port.size())),
                                           [](char c) { return c >= '0' && c <= '9'; });
  return (name == "127.0.0.1" || name == "localhost") && is_port;
}

/// A socket that listens at 127.0.0.1.
int listen_at(int port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) fail("cannot make a socket: ", std::strerror(errno));
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::listen(listener, SOMAXCONN) == 0)
    return listener;
  const int why = errno;
  ::close(listener);
  if (why == EADDRINUSE)
    fail("port ", port, " is taken; give another --port, or none for one that is free");
  fail("cannot listen at port ", port, " of 127.0.0.1: ", std::strerror(why));
}

int port_of(int listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

MHD_Result send(MHD_Connection* connection, const Answer& answer) {
  const std::unique_ptr<MHD_Response, void (*)(MHD_Response*)> response(
      MHD_create_response_from_buffer(answer.body.size(), const_cast<char*>(answer.body.data()),
                                      MHD_RESPMEM_MUST_COPY),
      MHD_destroy_response);
  if (!response) return MHD_NO;
  const auto add = [&](const char* name, const char* value) {
    MHD_add_response_header(response.get(), name, value);
  };
  add("Content-Type", answer.type.c_str());
  add("Cache-Control", "no-store");
  add("Referrer-Policy", "no-referrer");  // which would tell the token
  add("X-Content-Type-Options", "nosniff");
  add("X-Frame-Options", "DENY");
  add("Cross-Origin-Resource-Policy", "same-origin");
  if (answer.status == MHD_HTTP_METHOD_NOT_ALLOWED) add("Allow", "GET");
  return MHD_queue_response(connection, static_cast<unsigned>(answer.status), response.get());
}

MHD_Result on_request(void* server, MHD_Connection* connection, const char* url, const char* method,
                      const char*, const char*, std::size_t*, void**) {
  const auto value_of = [&](MHD_ValueKind kind, const char* name) {
    const char* value = MHD_lookup_connection_value(connection, kind, name);
    return std::string(value ? value : "");
  };
  return send(connection, static_cast<const LocalServer*>(server)->answer(
                              method, url, value_of(MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST),
                              value_of(MHD_GET_ARGUMENT_KIND, "seen")));
}

}  // namespace

LocalServer::LocalServer(int port, Handler handler)
    : listener_(listen_at(port)),
      port_(port_of(listener_)),
      token_(random_token()),
      handler_(std::move(handler)) {
  constexpr unsigned most_connections = 32, idle_seconds = 30;
  daemon_ = MHD_start_daemon(MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD, 0, nullptr, nullptr,
                             on_request, this, MHD_OPTION_LISTEN_SOCKET, listener_,
                             MHD_OPTION_CONNECTION_LIMIT, most_connections,
                             MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds, MHD_OPTION_END);
  if (daemon_) return;
  ::close(listener_);
  fail("cannot start a server at port ", port_, " of 127.0.0.1");
}

LocalServer::~LocalServer() { MHD_stop_daemon(daemon_); }  // which closes the socket

std::string LocalServer::address() const {
  return concat("http://127.0.0.1:", port_, "/", token_, "/");
}

Answer LocalServer::answer(const std::string& method, const std::string& url,
                           const std::string& host, const std::string& seen) const {
  if (!is_local(host)) return {.status = 403, .body = "only for 127.0.0.1 and localhost\n"};
  const std::size_t end = std::min(url.find('/', 1), url.size());
  if (url.empty() || !is_equal(std::string_view(url).substr(1, end - 1), token_))
    return {.status = 403, .body = "the address that rectify watch printed has a token\n"};
  if (method != "GET") return {.status = 405, .body = "only GET is answered\n"};
  if (end == url.size()) return {.status = 404, .body = "the address ends in a slash\n"};
  try {
    return handler_(url.substr(end + 1), seen);
  } catch (const std::exception& error) {
    return {.status = 503, .body = concat(error.what(), "\n")};
  }
}

}  // namespace rectify::cli
