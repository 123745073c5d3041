#include "tests/report/chromium.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <utility>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify::report {

namespace {

constexpr int patience = 600;  // seconds, which end only what hangs

// Where Chromium reads orders and writes answers with --remote-debugging-pipe.
constexpr int orders_come_in = 3, answers_go_out = 4;

[[noreturn]] void become(const std::string& program, const std::string& profile, int socket) {
  ::setpgid(0, 0);
  // First out of the way of the numbers that are wanted.
  const int copy = ::fcntl(socket, F_DUPFD_CLOEXEC, 10);
  ::dup2(copy, orders_come_in);
  ::dup2(copy, answers_go_out);
  const int nothing = ::open("/dev/null", O_RDWR);
  for (const int stream : {0, 1, 2}) ::dup2(nothing, stream);
  const std::string folder = "--user-data-dir=" + profile;
  ::execl(program.c_str(), program.c_str(), "--headless", "--no-sandbox", "--disable-gpu",
          "--hide-scrollbars", "--allow-file-access-from-files", "--window-size=1400,1000",
          folder.c_str(), "--remote-debugging-pipe", "about:blank", nullptr);
  ::_exit(127);
}

}  // namespace

std::string browser() {
  namespace fs = std::filesystem;
  const char* path = std::getenv("PATH");
  for (const char* name : {"chromium", "chromium-browser", "google-chrome"})
    for (const std::string& folder : split(path ? path : "", ':'))
      if (const fs::path file = fs::path(folder) / name; ::access(file.c_str(), X_OK) == 0)
        return file.string();
  return "";
}

Chromium::Chromium(const std::string& program) {
  int ends[2];  // of a socket, which unlike a pipe can be written to without a signal
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    fail("no way to speak to the browser");
  process_ = ::fork();
  if (process_ == 0) become(program, profile_.string(), ends[1]);
  ::close(ends[1]);
  socket_ = ends[0];
  if (process_ < 0) fail("cannot start ", program);
}

Chromium::~Chromium() {
  ::close(socket_);  // at which Chromium ends
  using namespace std::chrono_literals;
  for (int i = 0; i < 1000 && ::waitpid(process_, nullptr, WNOHANG) == 0; ++i)
    std::this_thread::sleep_for(10ms);
  ::kill(-process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

Json Chromium::next_message() {
  std::size_t end;
  while ((end = received_.find('\0')) == std::string::npos) {
    pollfd wanted{.fd = socket_, .events = POLLIN, .revents = 0};
    if (::poll(&wanted, 1, 1000 * patience) == 0)
      fail("the browser did not answer for ", patience, " seconds");
    std::vector<char> buffer(1 << 16);
    const ssize_t n = ::read(socket_, buffer.data(), buffer.size());
    if (n <= 0) fail("the browser has ended");
    received_.append(buffer.data(), static_cast<std::size_t>(n));
  }
  const Json message = Json::parse(std::string_view(received_).substr(0, end));
  received_.erase(0, end + 1);
  return message;
}

Json Chromium::order(const std::string& method, Json parameters, const std::string& session) {
  Json message = {{"id", ++orders_}, {"method", method}, {"params", std::move(parameters)}};
  if (!session.empty()) message["sessionId"] = session;
  const std::string text = message.dump() + '\0';
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t n = ::send(socket_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) fail("the browser takes no orders");
    sent += static_cast<std::size_t>(n);
  }
  while (true) {
    const Json answer = next_message();
    if (!answer.contains("id") || answer.at("id") != Json(orders_)) continue;
    if (answer.contains("error")) fail(method, ": ", answer.at("error").dump());
    return answer.at("result");
  }
}

void Chromium::wait_for_event(std::string_view method) {
  while (true)
    if (const Json message = next_message();
        message.contains("method") && message.at("method") == Json(method))
      return;
}

Chromium::Page Chromium::new_page() {
  Page page;
  page.target =
      order("Target.createTarget", {{"url", "about:blank"}}).at("targetId").get<std::string>();
  page.session = order("Target.attachToTarget", {{"targetId", page.target}, {"flatten", true}})
                     .at("sessionId")
                     .get<std::string>();
  order("Page.enable", Json::object(), page.session);
  return page;
}

void Chromium::go_to(const Page& page, const std::string& address) {
  const Json gone = order("Page.navigate", {{"url", address}}, page.session);
  if (gone.contains("errorText")) fail(address, ": ", gone.at("errorText").dump());
}

Json Chromium::value_of(const Page& page, const std::string& expression) {
  const Json answer = order(
      "Runtime.evaluate",
      {{"expression", expression}, {"awaitPromise", true}, {"returnByValue", true}}, page.session);
  if (answer.contains("exceptionDetails")) fail(answer.at("exceptionDetails").dump());
  const Json result = answer.at("result");
  return result.contains("value") ? result.at("value") : Json();
}

void Chromium::close(const Page& page) { order("Target.closeTarget", {{"targetId", page.target}}); }

Json Chromium::ask(const std::string& address, const std::string& expression) {
  if (!page_) page_ = new_page();
  order("Page.bringToFront", Json::object(), page_->session);  // or it draws nothing
  go_to(*page_, address);
  return value_of(*page_,
                  "new Promise((done) => document.readyState === 'complete' ? done() : "
                  "addEventListener('load', done)).then(() => " +
                      expression + ")");
}

std::string Chromium::document_after_20_seconds(const std::string& address) {
  const Page page = new_page();  // whose clock stops after them
  go_to(page, address);
  order("Emulation.setVirtualTimePolicy",
        {{"policy", "pauseIfNetworkFetchesPending"},
         {"budget", 20000},
         {"maxVirtualTimeTaskStarvationCount", 9999}},
        page.session);
  wait_for_event("Emulation.virtualTimeBudgetExpired");
  const std::string text = value_of(page, "document.documentElement.outerHTML").get<std::string>();
  close(page);
  return text;
}

}  // namespace rectify::report
