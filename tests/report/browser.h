#pragma once

// Opens pages in a headless Chromium and asks them what they drew. What cannot be asked of a
// string: that the script runs, that every canvas shows its series, and that nothing is wider than
// a phone.

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "tests/report/chromium.h"
#include "tests/temporary_folder.h"

namespace rectify::report {

inline bool browser_required() {
  const char* ci = std::getenv("CI");
  return (ci && std::string(ci) == "true") || std::getenv("RECTIFY_REQUIRE_BROWSER");
}

/// Shows the page in frames, one after the other: as a phone and as a desk would, light and dark;
/// then uses every control of it. `seen` comes to what the page says about itself after each step:
/// a list for each of VIEWS.
inline constexpr const char* harness =
    R"(<!DOCTYPE html><meta charset="utf-8"><body style="margin:0">
<script>
  const use = (frame) => {
    const page = frame.contentDocument, view = frame.contentWindow;
    const steps = [];
    const step = (name) => steps.push({ name, ...page.documentElement.dataset,
      cut: [...page.querySelectorAll(".standing")].filter(
          (verdict) => verdict.getBoundingClientRect().right > view.innerWidth).length,
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
  const open = ({ width, scheme }) => new Promise((done, failed) => {
    const frame = document.createElement("iframe");
    frame.style = `border:0;height:900px;width:${width}px;color-scheme:${scheme}`;
    document.body.append(frame);
    frame.offsetWidth;  // laid out, so that the page is born with the scheme of its frame
    const look = async () => {
      const theme = () => frame.contentDocument.documentElement.dataset.theme;
      for (let i = 0; i < 600 && theme() !== scheme; i++) await new Promise(requestAnimationFrame);
      const steps = use(frame);
      frame.remove();
      return steps;
    };
    frame.onload = () => look().then(done, failed);
    frame.src = "page.html";
  });
  const seen = (async () => {
    const all = [];
    for (const view of VIEWS) all.push(await open(view));
    return all;
  })();
</script>)";

/// A test that opens pages. It is skipped where there is no browser.
class Browser : public testing::Test {
 protected:
  void SetUp() override {
    if (!browser().empty()) return;
    if (browser_required())
      FAIL() << "no chromium, chromium-browser or google-chrome on the PATH, and CI wants one";
    GTEST_SKIP() << "no chromium, chromium-browser or google-chrome on the PATH: the page's "
                    "script stays untested here";
  }

  /// What a page has become when it has been open for 20 seconds by its own clock.
  std::string document_of(const std::string& address) {
    return chromium().document_after_20_seconds(address);
  }

  /// The same for the text of a page.
  std::string document_of_page(const std::string& page) {
    return document_of("file://" + folder_.write("page.html", page));
  }

  /// What the harness has seen: steps of each view.
  Json open(const std::string& page, const Json& views) {
    std::string frames = harness;
    frames.replace(frames.find("VIEWS)"), 5, views.dump());
    folder_.write("page.html", page);
    return chromium().ask("file://" + folder_.write("harness.html", frames), "seen");
  }

  /// Opens the page at a phone's and a desk's width, light and dark, and expects of every step: no
  /// script error, as many charts drawn as expected, nothing wider than the window, no verdict that
  /// one has to scroll to, and no other pictures than those expected.
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
        EXPECT_EQ(step["cut"], 0);
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
  /// One for all tests of a program.
  static Chromium& chromium() {
    static Chromium one(browser());
    return one;
  }
  const TemporaryFolder folder_;
};

}  // namespace rectify::report
