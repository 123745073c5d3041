// The page of a pretraining: as text, and in a browser.

#include <gtest/gtest.h>

#include <cmath>
#include <regex>
#include <string>

#include "rectify/base/json.h"
#include "rectify/report/pretraining.h"
#include "tests/report/browser.h"
#include "tests/report/sample_training.h"

namespace rectify::report {
namespace {

/// A made-up pretraining of so many layers and epochs: layer n's validation loss falls from 1 to
/// 1/2, 1/3, ..., its free-energy gap is lowest in epoch 2 and then grows by 0.25 an epoch.
Pretraining sample_pretraining(std::size_t layers = 2, int epochs = 4) {
  Pretraining run{.version = "0.1.0",
                  .date = "2026-01-02",
                  .command = "rectify pretrain --config run/config.toml --out again",
                  .next = "rectify train --init run --data glyphs --out run-fine",
                  .data = "glyphs",
                  .stack = "rbm 64 | rbm 32",
                  .encoder = "784 : dense 64 | sigmoid",
                  .samples = 1234,
                  .config = {{"epochs", "4", "Steps"}, {"batch", "64", "Steps", false}},
                  .data_facts = {{"spec", "glyphs"}},
                  .machine = {{"processor", "some"}},
                  .notes = {"a note"},
                  .layers = layers,
                  .parts = {},
                  .pictures = {}};
  for (std::size_t l = 1; l <= layers; ++l) {
    PretrainedPart part{.label = "layer " + std::to_string(l),
                        .text = "rbm " + std::to_string(64 / l),
                        .epochs = epochs,
                        .history = {}};
    for (int e = 1; e <= epochs; ++e)
      part.history.push_back({.epoch = e,
                              .lr = 0.05,
                              .loss = 1.2 / e,
                              .validation_loss = 1.0 / e,
                              .free_energy_gap = 1 + 0.25 * std::abs(e - 2),
                              .mean_activity = 0.125,
                              .zeros = 0.1 * static_cast<double>(l),
                              .seconds = 2});
    run.parts.push_back(part);
  }
  return run;
}

Picture sample_picture() {
  return {"Filters", "What units look for.", sample_training().worst[0].picture};
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string json_in(const std::string& html) {
  const std::string open = "<script type=\"application/json\" id=\"data\">";
  const std::size_t at = html.find(open) + open.size();
  return html.substr(at, html.find("</script>", at) - at);
}

TEST(PretrainingPage, AnswersWithoutScriptWhatAPersonAsks) {
  const std::string html = to_html(sample_pretraining());
  EXPECT_TRUE(holds(html, ">2 layers learnt from 1,234 samples without labels in 16 s.</h1>"));
  EXPECT_TRUE(holds(html, "rbm 64 | rbm 32, on glyphs."));
  // 1/4 after 1/3: a quarter less.
  EXPECT_TRUE(holds(html,
                    "<strong>layer 1, layer 2</strong><span>validation loss in the last "
                    "epoch: −25.0&nbsp;%, −25.0&nbsp;%</span>"));
  EXPECT_TRUE(holds(html, "<strong>+0.5</strong><span>layer 1, since epoch 2</span>"));
  EXPECT_TRUE(holds(html, "<strong>20.0&nbsp;%</strong><span>layer 2, mean activity 0.125</span>"));
  EXPECT_TRUE(
      holds(html, "<td class=\"words\">rbm 32</td><td>4 of 4</td><td>0.3</td><td>0.25</td>"));
  EXPECT_TRUE(holds(html, "<code id=\"next-command\">rectify train --init run --data glyphs"));
  EXPECT_TRUE(holds(html, "<code id=\"command\">rectify pretrain --config run/config.toml"));
  EXPECT_TRUE(holds(html, "<li>a note</li>"));
  EXPECT_FALSE(holds(html, "What was learnt")) << "there are no pictures";
  EXPECT_FALSE(holds(html, "Reconstruction error"));
  EXPECT_FALSE(holds(html, "{{"));
}

TEST(PretrainingPage, SaysWhatHasSettled) {
  Pretraining run = sample_pretraining(3);
  run.parts[0].history[3].validation_loss = 0.332;  // of 1/3: less than 1 % lower
  run.parts[2].history[3].validation_loss = 0.4;
  for (PretrainedPart& part : run.parts) part.history[3].free_energy_gap = 1.009;
  const std::string html = to_html(run);
  EXPECT_TRUE(holds(html,
                    "<strong>layer 2</strong><span>validation loss in the last epoch: "
                    "−0.4&nbsp;%, −25.0&nbsp;%, +20.0&nbsp;%</span>"));
  EXPECT_TRUE(holds(html, "<strong>no growth</strong>")) << "less than 0.01 nats";
  run.parts[1].history.clear();
  run.parts[0].history[3].validation_loss = run.parts[0].history[2].validation_loss;
  EXPECT_TRUE(holds(to_html(run),
                    "<strong>hardly</strong><span>validation loss in the last epoch: "
                    "0.0&nbsp;%, +20.0&nbsp;%</span>"));
}

TEST(PretrainingPage, HoldsItsPicturesAndWhatReconstructionsMiss) {
  Pretraining run = sample_pretraining();
  run.pictures = {sample_picture()};
  run.reconstruction_error = 0.0123;
  run.principal_error = 0.0456;
  run.components = 30;
  const std::string html = to_html(run);
  EXPECT_TRUE(holds(html, "<img src=\"data:image/png;base64,iVBORw0KGgo"));
  EXPECT_TRUE(holds(html, "<h3>Filters</h3>"));
  EXPECT_TRUE(holds(html,
                    "<strong>0.0123</strong><span>mean square, on test samples; 30 principal "
                    "components: 0.0456</span>"));
  const std::regex remote(R"((src|href|action|poster)\s*=\s*["']?\s*(https?:)?//)",
                          std::regex::icase);
  EXPECT_FALSE(std::regex_search(html, remote));
}

TEST(PretrainingPage, LeavesOutWhatDoesNotExist) {
  Pretraining run = sample_pretraining();
  for (PretrainedPart& part : run.parts)
    for (PretrainedEpoch& epoch : part.history)
      epoch.loss = epoch.validation_loss = epoch.free_energy_gap = no_value;
  const std::string html = to_html(run);
  EXPECT_FALSE(holds(html, "<dt>Still getting better"));
  EXPECT_FALSE(holds(html, "Free-energy gap</h4>"));
  EXPECT_FALSE(holds(html, "<dt>Free-energy gap"));
  EXPECT_TRUE(holds(html, "<td>4 of 4</td><td>–</td><td>–</td><td>–</td><td>–</td><td>0.125</td>"));
  const Json data = Json::parse(json_in(html));
  EXPECT_TRUE(data["parts"][0]["gap"][3].is_null());
  EXPECT_EQ(data["parts"][1]["zeros"].dump(), "[0.2,0.2,0.2,0.2]");
}

TEST(PretrainingPage, SaysHowItEnded) {
  Pretraining run = sample_pretraining();
  run.end = TrainingEnd::stopped;
  run.trouble = "go on with: rectify resume run";
  run.parts[1].history.resize(1);
  EXPECT_TRUE(holds(to_html(run), ">Stopped in layer 2, after 1 of 4 epochs.</h1>"));
  EXPECT_TRUE(holds(to_html(run), "Go on with: rectify resume run."));
  run.end = TrainingEnd::failed;
  run.trouble = "training went non-finite in epoch 2; try a lower --lr";
  run.next.clear();
  EXPECT_TRUE(holds(to_html(run), ">Layer 2: training went non-finite in epoch 2.</h1>"));
  EXPECT_TRUE(holds(to_html(run), "Try a lower --lr."));
  EXPECT_TRUE(holds(to_html(run), "Start again at a lower rate"));
}

TEST(PretrainingPage, EscapesEveryStringThatComesFromOutside) {
  const std::string evil = "</script><script>hacked()</script><b onclick='hacked()'>\"&";
  Pretraining run = sample_pretraining();
  run.version = run.date = run.command = run.next = run.data = run.stack = run.encoder = evil;
  run.config = {{evil, evil, evil, false}};
  run.data_facts = run.machine = {{evil, evil}};
  run.notes = {evil};
  run.pictures = {{evil, evil, sample_picture().png}};
  for (PretrainedPart& part : run.parts) part.label = part.text = evil;
  for (const TrainingEnd end : {TrainingEnd::finished, TrainingEnd::stopped, TrainingEnd::failed}) {
    run.end = end;
    run.trouble = evil + "; " + evil;
    const std::string html = to_html(run);
    EXPECT_FALSE(holds(html, "<script>hacked"));
    EXPECT_FALSE(holds(html, "<b onclick"));
    EXPECT_EQ(json_in(html).find('<'), std::string::npos);
  }
}

class PretrainingInBrowser : public Browser {};

TEST_F(PretrainingInBrowser, DrawsACurveForEachLayerAndThreeOfThemAll) {
  Pretraining run = sample_pretraining();
  expect_drawn(to_html(run), 2 + 3);
  run.pictures = {sample_picture(), sample_picture()};
  expect_drawn(to_html(run), 2 + 3, 2);
  expect_drawn(to_html(sample_pretraining(9, 60)), 9 + 3);
}

TEST_F(PretrainingInBrowser, CopesWithLayersWhoseTurnDidNotCome) {
  Pretraining run = sample_pretraining(3, 1);
  run.end = TrainingEnd::failed;
  run.trouble = "training went non-finite in epoch 1, step 1: loss; the step was not taken";
  run.parts[1].history.clear();
  run.parts[2].history.clear();
  expect_drawn(to_html(run), 1 + 3);
  run.parts[0].history[0].free_energy_gap = no_value;
  expect_drawn(to_html(run), 1 + 2);
  run.parts[0].history.clear();
  expect_drawn(to_html(run), 0);
  expect_drawn(to_html(Pretraining{}), 0);
}

}  // namespace
}  // namespace rectify::report
