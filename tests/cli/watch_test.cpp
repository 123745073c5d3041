// rectify watch: who is answered, and what a browser shows.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "tests/cli/program.h"
#include "tests/report/browser.h"

namespace rectify::cli {
namespace {

/// All that a server at this port of `address` answers to the bytes; empty when nobody is there.
std::string exchange_with(int port, const std::string& request,
                          const std::string& address = "127.0.0.1") {
  const int connection = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  ::inet_pton(AF_INET, address.c_str(), &to.sin_addr);
  std::string answer;
  if (::connect(connection, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 &&
      ::send(connection, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
    char piece[4096];
    for (ssize_t got; (got = ::recv(connection, piece, sizeof piece, 0)) > 0;)
      answer.append(piece, static_cast<std::size_t>(got));
  }
  ::close(connection);
  return answer;
}

/// The program while it watches a folder.
class Watching {
 public:
  Watching(const std::filesystem::path& folder, const std::string& arguments)
      : process_((std::filesystem::remove(folder / ".stdout"), folder), "watch " + arguments) {
    process_.wait_for_file(".stdout", 1);
    address_ = std::string(trim(read_file(folder / ".stdout")));
    const std::size_t colon = address_.rfind(':');
    port_ = std::atoi(address_.c_str() + colon + 1);
    path_ = address_.substr(std::min(address_.find('/', colon), address_.size()));
  }

  /// The answer to a GET with this host; without its head when `body`.
  std::string get(const std::string& path, const std::string& host = "127.0.0.1") const {
    return exchange_with(
        port_, concat("GET ", path, " HTTP/1.1\r\nHost: ", host, "\r\nConnection: close\r\n\r\n"));
  }
  static std::string status(const std::string& answer) {
    return answer.substr(0, std::string("HTTP/1.1 200").size());
  }
  static std::string body(const std::string& answer) {
    const std::size_t end = answer.find("\r\n\r\n");
    return end == std::string::npos ? "" : answer.substr(end + 4);
  }

  int port() const { return port_; }
  const std::string& path() const { return path_; }  ///< "/TOKEN/"
  const std::string& address() const { return address_; }
  Process& process() { return process_; }

 private:
  Process process_;
  std::string address_, path_;
  int port_ = 0;
};

class Watch : public testing::Test {
 protected:
  Outcome run(const std::string& arguments) { return run_program(folder_.path(), arguments); }
  void train(int epochs) {
    ASSERT_EQ(run(concat("train --data glyphs:train=600,test=200,difficulty=0 --hidden 16 --quiet "
                         "--out r --epochs ",
                         epochs))
                  .code,
              0);
  }
  static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }
  static Json data_of(const Watching& watching) {
    return Json::parse(Watching::body(watching.get(watching.path() + "data")));
  }
  const TemporaryFolder folder_;
};

TEST_F(Watch, AnswersWhoKnowsTheTokenAndNobodyElse) {
  std::filesystem::create_directory(folder_ / "r");
  const Watching watching(folder_.path(), "r");
  const std::string token = watching.path().substr(1, watching.path().size() - 2);
  EXPECT_EQ(token.size(), 32u);
  EXPECT_EQ(token.find_first_not_of("0123456789abcdef"), std::string::npos);
  const auto status = [&](const std::string& path, const std::string& host = "127.0.0.1") {
    return Watching::status(watching.get(path, host));
  };
  const std::string right = watching.path();
  std::string wrong = right;
  wrong[5] = wrong[5] == '0' ? '1' : '0';
  EXPECT_EQ(status(right), "HTTP/1.1 200");
  EXPECT_EQ(status(right + "data"), "HTTP/1.1 200");
  for (const std::string& path :
       {std::string("/"), std::string("/data"), wrong, wrong + "data", "/" + token.substr(1) + "/",
        "//" + token + "/", right.substr(0, 9)})
    EXPECT_EQ(status(path), "HTTP/1.1 403") << path;
  for (const char* page : {"nothing", "report", "../r/.lock", "data/more", "history.jsonl"})
    EXPECT_EQ(status(right + page), "HTTP/1.1 404") << page;
  EXPECT_EQ(status("/" + token), "HTTP/1.1 404");
  const std::string port = std::to_string(watching.port());
  for (const std::string& host :
       {"127.0.0.1:" + port, "localhost:" + port, std::string("localhost:9")})
    EXPECT_EQ(status(right, host), "HTTP/1.1 200") << host;
  for (const std::string& host :
       std::initializer_list<std::string>{"evil.example", "evil.example:" + port,
                                          "127.0.0.1.evil.example", "localhost:1@evil", ""})
    EXPECT_EQ(status(right, host), "HTTP/1.1 403") << host;
  EXPECT_EQ(Watching::status(exchange_with(watching.port(), "GET " + right + " HTTP/1.0\r\n\r\n")),
            "HTTP/1.1 403")
      << "no host at all";
}

TEST_F(Watch, AnswersGetAlone) {
  std::filesystem::create_directory(folder_ / "r");
  const Watching watching(folder_.path(), "r");
  for (const char* method : {"POST", "PUT", "DELETE", "HEAD", "OPTIONS"}) {
    const std::string answer = exchange_with(
        watching.port(), concat(method, " ", watching.path(),
                                " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n"
                                "Connection: close\r\n\r\n"));
    EXPECT_EQ(Watching::status(answer), "HTTP/1.1 405") << method;
    EXPECT_TRUE(has(answer, "Allow: GET")) << method;
  }
  EXPECT_TRUE(has(exchange_with(watching.port(), "no HTTP\r\n\r\n"), "HTTP/1"));
  EXPECT_EQ(Watching::status(watching.get(watching.path())), "HTTP/1.1 200") << "it is still there";
}

TEST_F(Watch, ListensAtTheLoopbackAddressAlone) {
  std::filesystem::create_directory(folder_ / "r");
  const Watching watching(folder_.path(), "r");
  const std::string request =
      concat("GET ", watching.path(), " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_FALSE(exchange_with(watching.port(), request).empty());
  // All of 127.0.0.0/8 reaches a server that listens everywhere.
  EXPECT_TRUE(exchange_with(watching.port(), request, "127.0.0.2").empty());
}

TEST_F(Watch, FollowsARunFromBeforeItsBeginning) {
  std::filesystem::create_directory(folder_ / "r");
  const Watching watching(folder_.path(), "r");
  const Json before = data_of(watching);
  EXPECT_EQ(before["charts"]["stage"], "waiting");
  const std::string seen =
      watching.path() + "data?seen=" + before["charts"]["stamp"].get<std::string>();
  EXPECT_EQ(Watching::status(watching.get(seen)), "HTTP/1.1 204") << "nothing is new";
  train(3);
  EXPECT_EQ(Watching::status(watching.get(seen)), "HTTP/1.1 200");
  const Json after = data_of(watching);
  EXPECT_EQ(after["charts"]["stage"], "ended");
  EXPECT_EQ(after["charts"]["epochs"].dump(), "[1,2,3]");
  EXPECT_TRUE(has(after["head"].get<std::string>(), "Test error "));
  EXPECT_EQ(Watching::body(watching.get(watching.path() + "report")),
            read_file(folder_ / "r" / "report.html"));
}

TEST_F(Watch, FollowsARunWhileItGoesOn) {
  std::filesystem::create_directory(folder_ / "r");
  const Watching watching(folder_.path(), "r");
  Process training(folder_.path(),
                   "train --data glyphs:train=600,test=200,difficulty=0 --hidden 32 --batch 8 "
                   "--epochs 9000 --out r --quiet");
  training.wait_for_file("r/history.jsonl", 2);
  const Json during = data_of(watching);
  EXPECT_EQ(during["charts"]["stage"], "training");
  EXPECT_GE(during["charts"]["epochs"].size(), 2u);
  EXPECT_TRUE(has(during["title"].get<std::string>(), " of 9000: validation error "));
  training.send(SIGKILL);
  training.wait();
  EXPECT_EQ(data_of(watching)["charts"]["stage"], "ended");
  EXPECT_TRUE(has(data_of(watching)["head"].get<std::string>(), "rectify resume r"));
}

TEST_F(Watch, EndsByAnInterruptAndFreesItsPort) {
  std::filesystem::create_directory(folder_ / "r");
  Watching watching(folder_.path(), "r --json");
  const std::string printed = read_file(folder_ / ".stdout");
  watching.process().send(SIGINT);
  EXPECT_EQ(watching.process().wait(), 0);
  const Watching another(folder_.path(), concat("r --port ", watching.port()));
  EXPECT_EQ(another.port(), watching.port());
  EXPECT_NE(another.path(), watching.path()) << "each has a token of its own";
  EXPECT_TRUE(Json::parse(printed)["address"].get<std::string>().starts_with("http://127.0.0.1:"));
}

TEST_F(Watch, RefusesWhatCannotBeWatchedInOneLine) {
  std::filesystem::create_directory(folder_ / "r");
  const Watching watching(folder_.path(), "r");
  const auto refused = [&](const std::string& arguments, int code, const std::string& why) {
    const Outcome outcome = run("watch " + arguments);
    EXPECT_EQ(outcome.code, code) << arguments;
    EXPECT_TRUE(has(outcome.err, why)) << outcome.err;
    EXPECT_EQ(split(outcome.err, '\n').size(), 2u) << outcome.err;
    EXPECT_TRUE(outcome.out.empty()) << outcome.out;
  };
  refused(concat("r --port ", watching.port()), 1, concat("port ", watching.port(), " is taken"));
  refused("nowhere", 1, "there is no folder 'nowhere' to watch");
  refused("r --port 65536", 1, "--port must be between 0 and 65535, not 65536");
  refused("r --port -1", 1, "not -1");
  refused("r --port many", 2, "--port wants a whole number, not 'many'");
  write_file(folder_ / "c", "");
  refused("c", 1, "there is no folder 'c' to watch");
}

class WatchInBrowser : public report::Browser {};

TEST_F(WatchInBrowser, IsAllowedToAskForWhatIsNew) {
  const TemporaryFolder folder;
  ASSERT_EQ(run_program(folder.path(),
                        "train --data glyphs:train=600,test=200,difficulty=0 --hidden 16 --quiet "
                        "--out r --epochs 2")
                .code,
            0);
  const Watching watching(folder.path(), "r");
  const std::string page = document_of(watching.address());
  EXPECT_NE(page.find("data-charts=\"7/7\""), std::string::npos) << page.substr(0, 400);
  EXPECT_NE(page.find("data-errors=\"0\""), std::string::npos) << page.substr(0, 400);
  EXPECT_NE(page.find("data-answers=\""), std::string::npos) << page.substr(0, 400);
}

}  // namespace
}  // namespace rectify::cli
