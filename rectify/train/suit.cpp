#include "rectify/train/suit.h"

#include <algorithm>
#include <cmath>

namespace rectify::train {

namespace {

constexpr double steps_wanted = 4000;

/// A feature of a quarter of the usual size gets a sixteenth of the curvature, and so of the speed.
constexpr double too_unlike = 0.25;

}  // namespace

bool is_of_rows(const data::Dataset& dataset) {
  return dataset.sample_shape.rank() == 1 && !dataset.ids && dataset.train.bytes.empty();
}

data::Normaliser suited_normaliser(const data::Dataset& dataset) {
  const bool shares_a_scale = is_of_rows(dataset) && dataset.columns.empty();
  return shares_a_scale && data::likeness_of_features(dataset.train) < too_unlike
             ? data::Normaliser::features
             : data::Normaliser::standard;
}

std::vector<std::string_view> suit(Options& options, const data::Dataset& dataset,
                                   const std::function<bool(std::string_view)>& is_own) {
  std::vector<std::string_view> replaced;
  if (!is_of_rows(dataset)) return replaced;
  const auto n = static_cast<double>(std::max<std::size_t>(1, dataset.train.count));
  if (!is_own("optimizer") && !is_own("lr") && !is_own("momentum")) {
    options.optimizer = "adamw";
    options.lr = 0.003;
    replaced = {"optimizer", "lr"};
    if (!is_own("weight_decay")) {
      options.weight_decay = std::clamp(1000 / n, 0.01, 1.0);
      replaced.push_back("weight_decay");
    }
  }
  if (!is_own("batch")) {
    options.batch = n < 5000 ? 32 : 128;
    replaced.push_back("batch");
  }
  if (!is_own("epochs")) {
    options.epochs =
        static_cast<int>(std::clamp(std::ceil(steps_wanted * options.batch / n), 20.0, 200.0));
    replaced.push_back("epochs");
  }
  // Weights from a file expect what they were trained on.
  if (!is_own("normalise") && options.weights.empty() &&
      suited_normaliser(dataset) == data::Normaliser::features) {
    options.normalise = data::Normaliser::features;
    replaced.push_back("normalise");
  }
  return replaced;
}

}  // namespace rectify::train
