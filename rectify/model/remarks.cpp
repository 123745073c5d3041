#include "rectify/model/remarks.h"

#include <algorithm>
#include <numeric>

#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify::model {

namespace {

constexpr double many_dead = 0.5;  ///< share of a layer's units, or of its channels

std::string percent(double share) { return fixed_text(100 * share, 0) + " %"; }

/// The class that every sample is taken for; -1 where several are answered, or one is all there is.
std::int64_t only_answer(const std::vector<std::vector<std::int64_t>>& confusion) {
  std::int64_t answer = -1;
  std::size_t true_classes = 0;
  for (const std::vector<std::int64_t>& row : confusion) {
    true_classes += std::accumulate(row.begin(), row.end(), std::int64_t{0}) > 0;
    for (std::size_t j = 0; j < row.size(); ++j) {
      if (row[j] == 0) continue;
      if (answer >= 0 && answer != static_cast<std::int64_t>(j)) return -1;
      answer = static_cast<std::int64_t>(j);
    }
  }
  return true_classes > 1 ? answer : -1;
}

}  // namespace

double baseline_error(const Evaluation& evaluation) {
  if (evaluation.confusion.empty()) return evaluation.regression.baseline;
  std::int64_t most = 0, all = 0;
  for (const std::vector<std::int64_t>& row : evaluation.confusion) {
    const std::int64_t count = std::accumulate(row.begin(), row.end(), std::int64_t{0});
    most = std::max(most, count);
    all += count;
  }
  return all == 0 ? 0 : 1 - static_cast<double>(most) / static_cast<double>(all);
}

std::vector<std::string> remarks(const Evaluation& evaluation,
                                 const std::vector<std::string>& class_names) {
  std::vector<std::string> all;
  for (const LayerActivity& layer : evaluation.layers)
    if (layer.dead_channel_share() >= many_dead)
      all.push_back(concat(layer.label, ": ", percent(layer.dead_channel_share()), " of ",
                           layer.channels, layer.channels < layer.units ? " channels" : " units",
                           " are dead: they answer the same to all ", evaluation.samples,
                           " samples and learn no more; try a lower --lr, or --activation "
                           "leaky_relu"));
  if (const std::int64_t answer = only_answer(evaluation.confusion); answer >= 0)
    all.push_back(concat("the network takes every sample for '",
                         class_names[static_cast<std::size_t>(answer)],
                         "'; try a lower --lr or more --epochs"));
  const RegressionScores& scores = evaluation.regression;
  if (scores.constant)
    all.push_back(
        "the network gives every sample the same answer; try a lower --lr or more --epochs");
  else if (evaluation.confusion.empty() && scores.r2 < 0)
    all.push_back(concat("predicting the mean would be better: rmse ",
                         number_text(evaluation.error), " against ", number_text(scores.baseline)));
  return all;
}

}  // namespace rectify::model
