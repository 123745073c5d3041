#pragma once

// Opens pages in a headless Chromium and asks them what they drew. What cannot be asked of a
// string: that the script runs, that every canvas shows its series, and that nothing is wider than
// a phone.

#include <gtest/gtest.h>
#include <stdio.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "tests/temporary_folder.h"

namespace rectify::report {

/// The path of a browser; empty where there is none.
inline std::string browser() {
  namespace fs = std::filesystem;
  const char* path = std::getenv("PATH");
  for (const char* name : {"chromium", "chromium-browser", "google-chrome"})
    for (const std::string& folder : split(path ? path : "", ':'))
      if (const fs::path file = fs::path(folder) / name; ::access(file.c_str(), X_OK) == 0)
        return file.string();
  return "";
}

inline bool browser_required() {
  const char* ci = std::getenv("CI");
  return (ci && std::string(ci) == "true") || std::getenv("RECTIFY_REQUIRE_BROWSER");
}

/// Shows the page in frames, one after the other: as a phone and as a desk would, light and dark;
/// then uses every control of it. What the page says about itself after each step ends up, as
/// JSON, in the text of this one: a list for each of VIEWS.
inline constexpr const char* harness =
    R"(<!DOCTYPE html><meta charset="utf-8"><body style="margin:0">
<script>
  const use = (frame) => {
    const page = frame.contentDocument, view = frame.contentWindow;
    const steps = [];
    const step = (name) => steps.push({ name, ...page.documentElement.dataset,
      hacked: "hacked" in view, images: page.images.length,
      scroll: page.documentElement.scrollWidth, inner: view.innerWidth });
    const change = (control, what, value) => {
      control[what] = value;
      control.dispatchEvent(new view.Event("change"));
    };
    step("opened");
    for (const radio of page.querySelectorAll("input[type=radio]")) {
      change(radio, "checked", true);
      step("axis " + radio.value);
    }
    const choice = page.querySelector("#outputs-choice");
    const options = choice ? [...choice.options] : [];
    for (const option of options.filter((_, i) => i < 2 || i > options.length - 3)) {
      change(choice, "value", option.value);
      step("outputs " + option.value);
    }
    for (const image of page.images)
      if (!image.complete || !image.naturalWidth) page.documentElement.dataset.errors = "image";
    const first = page.querySelector("#key input");
    if (first && page.querySelectorAll("#key input").length > 1) {
      change(first, "checked", false);
      step("first off");
      change(first, "checked", true);
      step("first on");
    }
    for (const fold of page.querySelectorAll("details")) fold.open = true;
    view.dispatchEvent(new view.Event("resize"));
    step("unfolded");
    return steps;
  };
  const open = ({ width, scheme }) => new Promise((done) => {
    const frame = document.createElement("iframe");
    frame.style = `border:0;height:900px;width:${width}px;color-scheme:${scheme}`;
    document.body.append(frame);
    frame.offsetWidth;  // laid out, so that the page is born with the scheme of its frame
    frame.onload = async () => {
      const seen = () => frame.contentDocument.documentElement.dataset.theme;
      for (let i = 0; i < 100 && seen() !== scheme; i++) await new Promise(requestAnimationFrame);
      const steps = use(frame);
      frame.remove();
      done(steps);
    };
    frame.src = "page.html";
  });
  (async () => {
    const all = [];
    for (const view of VIEWS) all.push(await open(view));
    document.body.textContent = "STEPS" + JSON.stringify(all) + "END";
  })();
</script>)";

/// A test that opens pages. It is skipped where there is no browser.
class Browser : public testing::Test {
 protected:
  void SetUp() override {
    browser_ = browser();
    if (!browser_.empty()) return;
    if (browser_required())
      FAIL() << "no chromium, chromium-browser or google-chrome on the PATH, and CI wants one";
    GTEST_SKIP() << "no chromium, chromium-browser or google-chrome on the PATH: the page's "
                    "script stays untested here";
  }

  /// What a page has become when it has been open for 20 seconds by its own clock.
  std::string document_of(const std::string& address) {
    const std::string command =
        "timeout 600 '" + browser_ + "' --headless --no-sandbox --disable-gpu --hide-scrollbars" +
        " --allow-file-access-from-files --virtual-time-budget=20000 --window-size=1400,1000" +
        " --user-data-dir='" + (folder_ / "profile").string() + "' --dump-dom '" + address +
        "' 2>/dev/null";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
    std::string text;
    char buffer[4096];
    while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe.get()))
      text.append(buffer, n);
    return text;
  }

  /// The same for the text of a page.
  std::string document_of_page(const std::string& page) {
    write_file(folder_ / "page.html", page);
    return document_of("file://" + (folder_ / "page.html").string());
  }

  /// The text that the harness leaves behind, as steps of each view.
  Json open(const std::string& page, const Json& views) {
    std::string frames = harness;
    frames.replace(frames.find("VIEWS)"), 5, views.dump());
    write_file(folder_ / "page.html", page);
    write_file(folder_ / "harness.html", frames);
    const std::string text = document_of("file://" + (folder_ / "harness.html").string());
    const std::size_t begin = text.find(">STEPS"), end = text.find("END<");
    if (begin == std::string::npos || end == std::string::npos) {
      ADD_FAILURE() << "the browser gave no answer: " << text.substr(0, 500);
      return Json::array();
    }
    std::string steps = text.substr(begin + 6, end - begin - 6);
    for (std::size_t at = 0; (at = steps.find("&amp;", at)) != std::string::npos; ++at)
      steps.replace(at, 5, "&");
    return Json::parse(steps);
  }

  /// Opens the page at a phone's and a desk's width, light and dark, and expects of every step: no
  /// script error, as many charts drawn as expected, nothing wider than the window, and no other
  /// pictures than those expected.
  void expect_drawn(const std::string& page, int charts, int images = 0) {
    Json views = Json::array();
    for (const int width : {1280, 390})
      for (const char* scheme : {"light", "dark"})
        views.push_back({{"width", width}, {"scheme", scheme}});
    const Json all = open(page, views);
    ASSERT_EQ(all.size(), views.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Json &steps = all[i], &width = views[i]["width"];
      ASSERT_FALSE(steps.empty());
      for (const Json& step : steps) {
        SCOPED_TRACE(step.dump());
        EXPECT_EQ(step["errors"], "0");
        EXPECT_EQ(step["theme"], views[i]["scheme"]);
        EXPECT_FALSE(step["hacked"].get<bool>());
        EXPECT_EQ(step["images"], images);
        EXPECT_EQ(step["inner"], width);
        EXPECT_LE(step["scroll"].get<int>(), width.get<int>());
        const std::vector<std::string> drawn = split(step["charts"].get<std::string>(), '/');
        EXPECT_EQ(drawn[0], drawn[1]);
      }
      EXPECT_EQ(steps[0]["charts"], concat(charts, "/", charts));
      EXPECT_EQ(steps[0]["width"], concat(width.get<int>(), "/", width.get<int>()));
    }
  }

 private:
  std::string browser_;
  const TemporaryFolder folder_;
};

}  // namespace rectify::report
