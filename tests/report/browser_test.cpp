// The pages of comparisons in a browser.
#include "tests/report/browser.h"

#include <cmath>
#include <string>

#include "rectify/report/comparison.h"
#include "tests/report/sample.h"

namespace rectify::report {
namespace {

TEST_F(Browser, DrawsEveryChartOfThreeActivations) {
  // 2 learning curves, 1 rectifier's zeros and dead units, 2 of gradients, 3 histograms, the
  // search.
  expect_drawn(to_html(sample_comparison(3)), 2 + 2 + 2 + 3 + 1);
}

TEST_F(Browser, DrawsErrorByZerosAndBySpeed) {
  Comparison comparison = sample_comparison(3);
  double speed = 1000;
  for (ActivationResult& one : comparison.activations) {
    one.answers_of_one = speed *= 1.5;
    one.answers_of_batch = 40 * speed;
  }
  expect_drawn(to_html(comparison), 2 + 2 + 2 + 3 + 1 + 2);
}

TEST_F(Browser, DrawsEveryChartOfTwelveActivations) {
  expect_drawn(to_html(sample_comparison(12, 5, 60, 10, 4)), 2 + 8 + 2 + 12 + 1);
}

TEST_F(Browser, DrawsManyClassesAndLayers) {
  expect_drawn(to_html(sample_comparison(3, 10, 50, 62, 12)), 2 + 2 + 2 + 3 + 1);
}

TEST_F(Browser, DrawsASingleEpochOfOneLayerAndSeed) {
  Comparison comparison = sample_comparison(2, 1, 1, 2, 1);
  for (ActivationResult& one : comparison.activations) one.search.clear();
  expect_drawn(to_html(comparison), 2 + 2 + 2 + 2);
}

TEST_F(Browser, CopesWithFiguresThatDoNotExist) {
  Comparison comparison = sample_comparison(4);
  ActivationResult& none = comparison.activations[3];  // a seed of it diverged: no figures at all
  none.test_error = none.best_epoch = {std::nan(""), std::nan(""), {}};
  none.history.clear();
  none.layers.clear();
  none.confusion.clear();
  none.seconds_per_epoch = none.samples_per_second = none.match_epoch = none.exact_zeros =
      none.dead_units = none.gradient_ratio = std::nan("");
  ActivationResult& lost = comparison.activations[1];
  for (Epoch& epoch : lost.history) {
    epoch.validation_error = epoch.validation_error_sd = epoch.train_loss = std::nan("");
    for (LayerEpoch& layer : epoch.layers)
      layer.gradient_norm = layer.exact_zeros = layer.dead_units = std::nan("");
  }
  for (Trial& trial : lost.search) trial.validation_error = std::nan("");
  lost.lr = std::nan("");
  comparison.activations[0].history[3].validation_error = std::nan("");
  comparison.activations[2].history[29].validation_error = 0;
  expect_drawn(to_html(comparison), 2 + 2 + 2 + 3 + 1);
}

TEST_F(Browser, SaysSoWhereThereIsNothingToDraw) {
  Comparison comparison = sample_comparison(2);
  for (ActivationResult& one : comparison.activations) {
    one.history.clear();
    one.search.clear();
    one.layers.clear();
    one.confusion.clear();
  }
  expect_drawn(to_html(comparison), 0);
  expect_drawn(to_html(Comparison{}), 0);
}

TEST_F(Browser, RunsNothingThatAStringSmugglesIn) {
  const std::string evil = "</script><script>hacked=1</script><img src=x onerror='hacked=1'>";
  Comparison comparison = sample_comparison(2, 3, 10);
  comparison.verdict = comparison.command = evil;
  comparison.notes = {evil};
  for (std::string& name : comparison.class_names) name = evil;
  for (ActivationResult& one : comparison.activations) {
    one.name += evil;
    for (Layer& layer : one.layers) layer.label = layer.weight = evil;
    for (Epoch& epoch : one.history) epoch.layers[0].label = evil;
  }
  expect_drawn(to_html(comparison), 2 + 2 + 2 + 2 + 1);
}

}  // namespace
}  // namespace rectify::report
