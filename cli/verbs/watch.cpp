// rectify watch: a local page that follows a training run.

#include "rectify/report/watch.h"

#include <chrono>
#include <memory>
#include <thread>

#include "cli/verb.h"
#include "cli/watch/local_server.h"
#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/lab/watched_run.h"

namespace rectify::cli::ops {

namespace {

struct Flags {
  std::string folder;
  int port = 0;
};

constexpr const char* html = "text/html; charset=utf-8";

/// The page, what it asks for every second, and the report of a run that has ended.
Answer page_of(lab::WatchedRun& run, const std::filesystem::path& folder, const std::string& page,
               const std::string& seen) {
  if (page == "report" && std::filesystem::exists(folder / "report.html"))
    return {.status = 200, .type = html, .body = read_file(folder / "report.html")};
  if (page != "" && page != "data") return {.status = 404, .body = "there is no such page\n"};
  const report::Watched& now = run.look();
  if (page == "") return {.status = 200, .type = html, .body = report::watch_page(now)};
  if (seen == now.stamp) return {.status = 204};
  return {.status = 200,
          .type = "application/json",
          .body = report::watch_update(now).dump(-1, Json::BadText::replace)};
}

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  args.option("folder", flags->folder, "Folder of a train; it may have ended, or not begun yet")
      .type_name("DIR")
      .required();
  args.option("--port", flags->port, "Port of 127.0.0.1; 0 is one that is free");
  return [flags](Terminal& terminal) {
    if (flags->port < 0 || flags->port > 65535)
      fail("--port must be between 0 and 65535, not ", flags->port);
    lab::WatchedRun run(flags->folder);
    catch_interrupts();
    const LocalServer server(flags->port, [&](const std::string& page, const std::string& seen) {
      return page_of(run, flags->folder, page, seen);
    });
    const std::string address = server.address();
    terminal.print(terminal.json ? Json{{"address", address}}.dump(2) + "\n" : address + "\n");
    terminal.say("open it in a browser of this machine; Ctrl-C ends");
    constexpr auto moment = std::chrono::milliseconds(100);
    while (!interrupted()) std::this_thread::sleep_for(moment);
    return exit_done;
  };
}

}  // namespace

std::span<const Verb> watch() {
  static const Verb all[] = {
      {"watch", "Follows a training run on a local page", "rectify watch mnist-relu", declare}};
  return all;
}

}  // namespace rectify::cli::ops
