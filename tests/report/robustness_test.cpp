#include "rectify/report/robustness.h"

#include <gtest/gtest.h>

#include "rectify/report/tiles.h"
#include "tests/helpers.h"
#include "tests/report/browser.h"

namespace rectify::report {
namespace {

using verify::Fate;

Robustness example() {
  Robustness found{.version = "1.2.3",
                   .date = "2026-01-02",
                   .command = "rectify verify run --robust 0.1",
                   .model = "4 : dense 3",
                   .data = "csv:<b>.csv",
                   .split = "test",
                   .eps = 0.1,
                   .seconds_each = 60,
                   .asked = 5,
                   .class_names = {"a", "<i>", "c"},
                   .samples = {},
                   .pictures = {{"Sample 1: a becomes c", "Largest change 3.", "png"}},
                   .machine = {{"threads", "2"}}};
  const auto add = [&](std::uint32_t sample, std::int32_t label, Fate fate) {
    found.samples.push_back({.sample = sample, .label = label, .answer = label, .fate = fate});
  };
  add(0, 0, Fate::certified);
  add(1, 0, Fate::attacked);
  add(2, 1, Fate::certified);
  add(3, 1, Fate::undecided);
  found.samples[3].why = "no time & no luck";
  return found;
}

TEST(Robustness, TextHasSharesAndATableByClass) {
  EXPECT_EQ(to_text(example()),
            "certified 50.0 %, attacked 25.0 %, undecided 25.0 %, wrong 0.0 % of 4 test samples, "
            "each number changed by at most 0.1\n\n"
            "class             samples  certified   attacked  undecided      wrong\n"
            "a                       2          1          1          0          0\n"
            "<i>                     2          1          0          1          0\n"
            "all                     4          2          1          1          0\n");
}

TEST(Robustness, JsonHasEverySample) {
  const Json json = to_json(example());
  EXPECT_EQ(json.at("certified").get<int>(), 2);
  EXPECT_EQ(json.at("asked").get<int>(), 5);
  EXPECT_EQ(json.at("classes").size(), 3u);
  EXPECT_EQ(json.at("classes").at(1).at("undecided").get<int>(), 1);
  ASSERT_EQ(json.at("results").size(), 4u);
  EXPECT_EQ(json.at("results").at(3).at("why").get<std::string>(), "no time & no luck");
}

TEST(Robustness, PageSaysWhatIsProvenAndWhatWasNotJudged) {
  const std::string page = to_html(example());
  for (const char* part :
       {"<h1 class=\"short\">50.0&nbsp;% of 4 samples are proven to keep their right answer.</h1>",
        "4 of 5 samples were judged", "no time &amp; no luck", "csv:&lt;b&gt;.csv",
        "&lt;i&gt;</th>", "Sample 1: a becomes c", "rectify verify run --robust 0.1"})
    EXPECT_TRUE(contains(page, part)) << part;
  EXPECT_FALSE(contains(page, "<b>.csv"));
  Robustness two = example();
  two.norm = verify::Norm::two;
  EXPECT_TRUE(contains(to_html(two), "the box around all changes"));
  EXPECT_TRUE(contains(to_html(two), "Changes with a 2-norm of at most 0.1"));
  two.samples.clear();
  two.pictures.clear();
  EXPECT_TRUE(contains(to_html(two), "No sample was judged."));
}

TEST_F(Browser, ShowsARobustnessWithoutACanvas) {
  Robustness found = example();
  const data::Image grey{.width = 1, .height = 1, .channels = 1, .bytes = {128}};
  found.pictures[0].png = tile_png(std::vector(3, enlarged(grey)), 3);
  expect_drawn(to_html(found), 0, 1);
}

}  // namespace
}  // namespace rectify::report
