// A claim of the lab as JSON, text, document and pages.

#include "rectify/report/lab.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/helpers.h"
#include "tests/report/browser.h"

namespace rectify::report {
namespace {

/// A claim of two cells and two seeds that an article has wrong and a paper right.
LabResult sample_claim(const std::string& id = "toy") {
  LabResult r{.id = id,
              .title = "Tanh beats ReLU",
              .claim = "tanh has fewer errors",
              .area = "Errors",
              .by = "C",
              .mode = "quick",
              .version = "0.1.0",
              .date = "2026-01-02",
              .command = "rectify lab run toy",
              .data = "glyphs",
              .seconds = 12,
              .processor_seconds = 7,
              .notes = {"a note"}};
  r.claims.push_back({.text = "tanh less ReLU",
                      .measured = "test_error[tanh] - test_error[relu]",
                      .unit = "points",
                      .values = {0.5, 0.7},
                      .mean = 0.6,
                      .low = 0.4,
                      .high = 0.8,
                      .article = Voice{.source = "C",
                                       .claimed = "below 0 points",
                                       .figure = std::nan(""),
                                       .standing = Standing::does_not_hold,
                                       .reason = "it lies above 0"},
                      .paper = Voice{.source = "P",
                                     .claimed = "above 0 points, by 0.6",
                                     .figure = 0.6,
                                     .standing = Standing::holds,
                                     .reason = "it lies above 0"}});
  for (const char* name : {"relu", "tanh"})
    r.cells.push_back({.name = name,
                       .options = {{"activation", name}},
                       .chosen = {{"lr", "0.2"}},
                       .runs = {{.seed = 1,
                                 .figures = {{"test_error", 1.5}},
                                 .series = {{"curve", {1, 2, 3}, {3, 2, 1.5}}},
                                 .lines = {"1 + 1 = 2"}},
                                {.seed = 2,
                                 .figures = {{"test_error", 1.7}},
                                 .series = {{"curve", {1, 2, 3}, {3.2, 2.2, 1.7}}},
                                 .lines = {}}}});
  r.plots = {{.title = "Errors", .figure = "test_error", .y_label = "%"},
             {.title = "Curves", .series = "curve", .x_label = "epoch", .y_label = "%"}};
  return r;
}

TEST(LabResult, ReadsBackWhatItWrites) {
  LabResult r = sample_claim();
  r.in_short = "reach = 65 (full: 25)";
  const std::string written = to_json(r);
  EXPECT_EQ(to_json(lab_result_from_json(written)), written);
  Json older = Json::parse(written);
  older.erase("in_short");
  EXPECT_EQ(lab_result_from_json(older.dump()).in_short, "");
  EXPECT_TRUE(contains(error_of([] { lab_result_from_json("{}"); }), "cannot be read"));
}

TEST(LabResult, OfSeveralClaimsHoldsWhereEachDoes) {
  LabResult r = sample_claim();
  EXPECT_EQ(standing_of(r, &Claim::paper), Standing::holds);
  r.claims.push_back(r.claims[0]);
  r.claims[1].paper->standing = Standing::direction_only;
  EXPECT_EQ(standing_of(r, &Claim::paper), Standing::direction_only);
  r.claims[1].paper->standing = Standing::cannot_be_told;
  EXPECT_EQ(standing_of(r, &Claim::paper), Standing::cannot_be_told);
  r.claims[0].paper->standing = Standing::does_not_hold;
  EXPECT_EQ(standing_of(r, &Claim::paper), Standing::does_not_hold);
  for (Claim& claim : r.claims) claim.paper.reset();
  EXPECT_FALSE(standing_of(r, &Claim::paper));
}

TEST(LabResult, SaysHowManyRowsHold) {
  LabResult r = sample_claim();
  EXPECT_EQ(tally_text(r, &Claim::paper), "");
  r.claims.push_back(r.claims[0]);
  EXPECT_EQ(tally_text(r, &Claim::paper), "") << "all hold";
  EXPECT_EQ(tally_text(r, &Claim::article), "none of 2 rows holds");
  r.claims[1].paper->standing = Standing::cannot_be_told;
  EXPECT_EQ(tally_text(r, &Claim::paper), "1 of 2 rows holds");
  EXPECT_TRUE(contains(to_markdown({r}), "| cannot be told (1 of 2 rows holds) |"));
  EXPECT_TRUE(contains(to_html(r, ""), "1 of 2 rows holds"));
  EXPECT_TRUE(contains(overview_html({r}), "1 of 2 rows holds"));
}

TEST(LabResult, OnOtherDataIsJudgedByItsDifferences) {
  LabResult r = sample_claim();
  r.claims.push_back(r.claims[0]);
  r.claims[1].paper->standing = Standing::cannot_be_told;
  r.claims[1].paper->absolute = true;
  EXPECT_EQ(standing_of(r, &Claim::paper), Standing::cannot_be_told);
  r.stand_in = "other data stand in";
  EXPECT_EQ(standing_of(r, &Claim::paper), Standing::holds);
  EXPECT_EQ(tally_text(r, &Claim::paper), "");
  r.claims.erase(r.claims.begin());
  EXPECT_EQ(standing_of(r, &Claim::paper), Standing::cannot_be_told) << "nothing else is claimed";
}

TEST(LabResult, ShowsOfRunsThatLackAFigureTheOthers) {
  LabResult r = sample_claim();
  r.cells[0].runs[1].figures[0].second = std::nan("");
  EXPECT_TRUE(contains(to_html(r, ""), "1.5<small>1 of 2 runs</small>"));
}

TEST(LabResult, ShowsAsManyDigitsAsTheIntervalJustifies) {
  Claim claim{.unit = "%", .values = {1}, .mean = 1.43217, .low = 1.37, .high = 1.494};
  EXPECT_EQ(measured_text(claim), "1.432 (1.370 to 1.494) %");
  claim.low = -10;
  claim.high = 13;
  EXPECT_EQ(measured_text(claim), "1 (-10 to 13) %");
  claim.low = claim.high = std::nan("");
  EXPECT_EQ(measured_text(claim), "1.432 %");
  claim.mean = std::nan("");
  EXPECT_EQ(measured_text(claim), "–");
}

TEST(LabResult, IsATextWithBothVerdicts) {
  const std::string text = to_text(sample_claim(), 80);
  for (const char* part : {"tanh less ReLU: 0.60 (0.40 to 0.80) points", "does not hold",
                           "1 + 1 = 2", "verdict: article: does not hold; paper: holds"})
    EXPECT_TRUE(contains(text, part)) << text << part;
  const std::string document = to_markdown({sample_claim()});
  EXPECT_TRUE(contains(document,
                       "1 claim in short (`--quick`) and 0 in full (`--full`), in 12 s, "
                       "7.0 s of a processor core. On Rectify 0.1.0"))
      << document;
  EXPECT_TRUE(
      contains(document, "| [`toy`](#toy) | Tanh beats ReLU | in short | does not hold | holds |"))
      << document;
}

TEST(LabResult, SaysBesideTheRuleWhatAShortRunHasOtherwise) {
  LabResult r = sample_claim();
  r.rule = "first epoch with at most 25 % training error";
  for (const std::string& shown : {to_html(r, ""), to_text(r, 80), to_markdown({r})})
    EXPECT_FALSE(contains(shown, "In short:"));
  r.in_short = "reach = 65 (full: 25), samples = 1200 (full: all), train.epochs = 4 (full: 60)";
  const std::string text = to_text(r, 80);
  EXPECT_TRUE(contains(text,
                       "  In short: reach = 65 (full: 25), samples = 1200 (full: all), "
                       "train.epochs = 4\n  (full: 60)\n"))
      << text;
  EXPECT_TRUE(contains(to_markdown({r}),
                       concat("training error.\n\nIn short: ", r.in_short, ".\n\n| measured")));
  EXPECT_TRUE(contains(to_html(r, ""),
                       concat("training error.</li>\n    <li>In short: ", r.in_short, ".</li>")));
}

TEST(LabResult, IsADocumentWhoseTablesAndLinksStandAnyText) {
  LabResult r = sample_claim("c#4 50% ü|");
  r.claims[0].unit = "points | of 100";
  r.claims[0].text = "one\n| two";
  r.area = "";
  const std::string document = to_markdown({sample_claim(), r});
  for (const char* part : {"| [`c#4 50% ü\\|`](#c%234%2050%25%20%C3%BC%7C) | Tanh",
                           "\n## Own recipes\n", "<a id=\"c%234%2050%25%20%C3%BC%7C\">",
                           "| one \\| two | 0.60 (0.40 to 0.80) points \\| of 100 |"})
    EXPECT_TRUE(contains(document, part)) << part << "\n" << document;
  EXPECT_FALSE(contains(document, "## \n"));
  const std::string overview = overview_html({r});
  EXPECT_TRUE(contains(overview, "href=\"c%234%2050%25%20%C3%BC%7C.html\"")) << overview;
  EXPECT_TRUE(contains(overview, "aria-label=\"Own recipes\""));
}

TEST(LabResult, SaysWhereTrainingBroke) {
  LabResult r = sample_claim();
  EXPECT_EQ(diverged_text(r), "");
  for (LabRun& run : r.cells[0].runs) run.figures.emplace_back("diverged", 0);
  for (LabRun& run : r.cells[1].runs) run.figures.emplace_back("diverged", run.seed == 2 ? 1 : 0);
  EXPECT_EQ(diverged_text(r),
            "Training went non-finite and ended there: tanh (1 of 2 runs). Such a run has no units "
            "to count, and its errors are those of its best epoch before, if there was one.");
  for (const std::string& shown : {to_markdown({r}), to_html(r, "")})
    EXPECT_TRUE(contains(shown, "ended there: tanh (1 of 2 runs)"));
  EXPECT_TRUE(contains(to_text(r, 200), "ended there: tanh (1 of 2 runs)"));
}

TEST(LabPage, CanBeReadWithoutScriptAndEscapesWhatComesFromOutside) {
  LabResult r = sample_claim();
  r.title = "<b>";
  r.cells[0].name = "<i>";
  const std::string page = to_html(r, "index.html");
  EXPECT_FALSE(contains(page, "<b>"));
  EXPECT_FALSE(contains(page, "<i>"));
  for (const char* part : {"does not hold", "href=\"index.html\"", "rectify lab run toy",
                           "1 + 1 = 2", "Chosen on validation"})
    EXPECT_TRUE(contains(page, part)) << part;
  const std::string overview = overview_html({sample_claim("a"), sample_claim("b")});
  EXPECT_TRUE(contains(overview, "2 claims about rectifiers, measured"));
  EXPECT_TRUE(contains(overview, "href=\"b.html\""));
  LabResult full = sample_claim("c");
  full.mode = "full";
  EXPECT_TRUE(contains(overview_html({sample_claim("a"), full}), "1 in full and 1 in short"));
}

TEST(LabPage, DrawsAtEachPointTheMeanOfTheRunsThatHaveIt) {
  LabResult r = sample_claim();
  EXPECT_TRUE(contains(to_html(r, ""), R"("x":[1,2,3],"y":[3.1,2.1,1.6])"));
  EXPECT_FALSE(contains(to_html(r, ""), "still running"));
  // One that stopped early, one that went on, and one that has other points.
  r.cells[0].runs = {{.seed = 1, .series = {{"curve", {1, 2}, {4, 2}}}},
                     {.seed = 2, .series = {{"curve", {1, 2, 3}, {6, 4, 1}}}},
                     {.seed = 3, .series = {{"curve", {2, 4}, {6, 8}}}}};
  std::string page = to_html(r, "");
  EXPECT_TRUE(contains(page, R"("name":"relu","x":[1,2,3,4],"y":[5,4,1,8])"));
  EXPECT_TRUE(contains(page, "seeds that are still running, not over all: relu.</figcaption>"));
  r.cells[0].runs[0].series.clear();  // broke at once
  page = to_html(r, "");
  EXPECT_TRUE(contains(page, R"("name":"relu","x":[1,2,3,4],"y":[6,5,1,8])"));
  // A figure that is missing at a point is of no run there.
  r.cells[0].runs = {{.seed = 1, .series = {{"curve", {1, 2}, {4, std::nan("")}}}},
                     {.seed = 2, .series = {{"curve", {1, 2}, {6, 3}}}}};
  page = to_html(r, "");
  EXPECT_TRUE(contains(page, R"("name":"relu","x":[1,2],"y":[5,3])"));
}

class LabInBrowser : public Browser {};

TEST_F(LabInBrowser, DrawsBarsAndLines) {
  expect_drawn(to_html(sample_claim(), ""), 2);
  expect_drawn(overview_html({sample_claim("a"), sample_claim("b")}), 0);
}

}  // namespace
}  // namespace rectify::report
