// The page of a training run: as text, and in a browser.

#include "rectify/report/training.h"

#include <gtest/gtest.h>

#include <cmath>
#include <regex>
#include <string>

#include "rectify/base/json.h"
#include "rectify/report/format.h"
#include "rectify/report/training_tables.h"
#include "tests/report/browser.h"
#include "tests/report/sample_training.h"

namespace rectify::report {
namespace {

bool page_has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string script_data(const std::string& html) {
  const std::string open = "<script type=\"application/json\" id=\"data\">";
  const std::size_t at = html.find(open) + open.size();
  return html.substr(at, html.find("</script>", at) - at);
}

TEST(Base64, IsThatOfTheStandard) {  // RFC 4648, section 10
  const std::pair<const char*, const char*> known[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : known) EXPECT_EQ(base64(plain), coded);
  EXPECT_EQ(base64("\xff\xfe\x80"), "//6A");
}

TEST(TrainingPage, ReadsWithoutScript) {
  const std::string html = to_html(sample_training(3));
  EXPECT_TRUE(page_has(html, ">Test error 13.70&nbsp;%, by the weights of epoch 12 of 12.</h1>"));
  EXPECT_TRUE(page_has(html, "<th scope=\"row\">class 2</th><td>272 "));
  EXPECT_TRUE(page_has(html, "<td>0.900</td><td>0.800</td><td>0.847</td><td>0.970</td>"));
  EXPECT_TRUE(
      page_has(html, "<strong>class 0</strong>, taken for <strong>class 1</strong> (98.0&nbsp;%)"));
  EXPECT_TRUE(page_has(html, "rectify train --config run/config.toml --out again"));
  EXPECT_TRUE(page_has(html, "<li>a note</li>"));
  EXPECT_FALSE(page_has(html, "{{"));
}

TEST(TrainingPage, LoadsNothingFromElsewhere) {
  const std::string html = to_html(sample_training());
  const std::regex remote(R"((src|href|action|poster)\s*=\s*["']?\s*(https?:)?//)",
                          std::regex::icase);
  EXPECT_FALSE(std::regex_search(html, remote));
  EXPECT_TRUE(page_has(html, "default-src 'none'"));
}

TEST(TrainingPage, SumsTheSecondsAndLeavesOutWhatDoesNotExist) {
  Training run = sample_training(2, 3, 1);
  run.history[1].layers[0].saturated = std::nan("");
  run.history[2].validation_loss = std::nan("");
  const Json data = Json::parse(script_data(to_html(run)));
  EXPECT_EQ(data["seconds"].dump(), "[0.4,0.8,1.2]");
  EXPECT_TRUE(data["layers"][0]["saturated"][1].is_null());
  EXPECT_TRUE(data["validation_loss"][2].is_null());
  EXPECT_EQ(data["weights"][0]["label"], "dense1.weight");
  EXPECT_NEAR(data["weights"][0]["updates"][0].get<double>(), 0.01 * std::exp(-0.2), 1e-6);
}

TEST(TrainingPage, SaysHowTheRunEnded) {
  Training run = sample_training();
  run.end = TrainingEnd::stopped;
  run.epochs = 20;
  run.trouble = "go on with: rectify resume run";
  EXPECT_TRUE(page_has(to_html(run), ">Stopped after 12 epochs of 20.</h1>"));
  EXPECT_TRUE(page_has(to_html(run), "Go on with: rectify resume run."));
  run.end = TrainingEnd::failed;
  run.trouble = "training went non-finite in epoch 13; try a lower --lr";
  EXPECT_TRUE(page_has(to_html(run), ">Training went non-finite in epoch 13.</h1>"));
  EXPECT_TRUE(page_has(to_html(run), "Try a lower --lr."));
}

TEST(TrainingPage, EscapesEveryStringThatComesFromOutside) {
  const std::string evil = "</script><script>hacked()</script><b onclick='hacked()'>\"&";
  for (const int classes : {2, 0}) {
    Training run = sample_training(classes);
    run.version = run.date = run.command = run.data = run.model = evil;
    run.config = {{evil, evil, evil, false}};
    run.data_facts = run.machine = run.scores = {{evil, evil}};
    run.notes = run.columns = {evil};
    for (std::string& name : run.class_names) name = evil;
    for (TargetFigures& target : run.targets) target.name = evil;
    for (WorstSample& worst : run.worst) worst = {0, evil, evil + "x", 0.5, "", {evil}};
    for (TrainingEpoch& epoch : run.history) epoch.weights[0].label = epoch.layers[0].label = evil;
    for (const TrainingEnd end :
         {TrainingEnd::finished, TrainingEnd::stopped, TrainingEnd::failed}) {
      run.end = end;
      run.trouble = evil + "; " + evil;
      const std::string html = to_html(run);
      EXPECT_FALSE(page_has(html, "<script>hacked"));
      EXPECT_FALSE(page_has(html, "<b onclick"));
      EXPECT_EQ(script_data(html).find('<'), std::string::npos);
    }
  }
}

class TrainingInBrowser : public Browser {};

TEST_F(TrainingInBrowser, DrawsEveryChartOfAClassifier) {
  // Loss and error, gradients and updates, three of layers; six worst samples.
  expect_drawn(to_html(sample_training()), 2 + 2 + 3, 6);
  expect_drawn(to_html(sample_training(62, 100, 20)), 2 + 2 + 3, 6);
}

TEST_F(TrainingInBrowser, DrawsEveryChartOfARegression) {
  expect_drawn(to_html(sample_training(0)), 2 + 2 + 3 + 2);
}

TEST_F(TrainingInBrowser, CopesWithARunThatFailedAtOnce) {
  Training run = sample_training(3);
  run.end = TrainingEnd::failed;
  run.trouble = "training went non-finite in epoch 1, step 1: loss; the step was not taken";
  run.best_epoch = 0;
  run.test_error = std::nan("");
  run.confusion.clear();
  run.worst.clear();
  run.history = {{.epoch = 1}};
  run.history[0].validation_loss = run.history[0].validation_error = std::nan("");
  run.history[0].train_loss = 1e30;
  run.history[0].train_error = 0.9;
  expect_drawn(to_html(run), 2);
  run.history.clear();
  expect_drawn(to_html(run), 0);
  expect_drawn(to_html(Training{}), 0);
}

TEST_F(TrainingInBrowser, DrawsErrorsOfZeroAndGradientsOfZero) {
  Training run = sample_training(2);
  for (TrainingEpoch& epoch : run.history) {
    epoch.train_error = epoch.validation_error = 0;
    epoch.weights[0].gradient = 0;
    epoch.weights[1].update = 0;
  }
  expect_drawn(to_html(run), 2 + 2 + 3, 6);
}

}  // namespace
}  // namespace rectify::report
