#include "rectify/train/suit.h"

#include <algorithm>
#include <cmath>

#include "rectify/train/option_table.h"

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
  data::check(dataset);
  const bool shares_a_scale = is_of_rows(dataset) && dataset.columns.empty();
  return shares_a_scale && data::likeness_of_features(dataset.train) < too_unlike
             ? data::Normaliser::features
             : data::Normaliser::standard;
}

namespace {

using IsOwn = std::function<bool(std::string_view)>;

constexpr double few = 5000;  // samples

bool chose_how_to_step(const IsOwn& is_own) {
  return is_own("optimizer") || is_own("lr") || is_own("momentum");
}

void step_by_adamw(Options& options, double rate, std::vector<std::string_view>& replaced) {
  options.optimizer = "adamw";
  options.lr = rate;
  replaced.insert(replaced.end(), {"optimizer", "lr"});
}

std::vector<std::string_view> suit_images_or_texts(Options& options, const data::Dataset& dataset,
                                                   double n, const IsOwn& is_own) {
  std::vector<std::string_view> replaced;
  if (options.certify > 0 || chose_how_to_step(is_own)) return replaced;
  step_by_adamw(options, dataset.ids ? 0.002 : 0.003, replaced);
  if (dataset.ids && !is_own("weight_decay")) {
    options.weight_decay = 0.01;
    replaced.push_back("weight_decay");
  }
  if ((dataset.ids || n < few) && !is_own("batch")) {
    options.batch = dataset.ids ? 16 : 32;
    replaced.push_back("batch");
  }
  return replaced;
}

std::vector<std::string_view> suit_rows(Options& options, const data::Dataset& dataset, double n,
                                        const IsOwn& is_own) {
  std::vector<std::string_view> replaced;
  if (!chose_how_to_step(is_own)) {
    step_by_adamw(options, 0.003, replaced);
    if (!is_own("weight_decay")) {
      options.weight_decay = std::clamp(1000 / n, 0.01, 1.0);
      replaced.push_back("weight_decay");
    }
  }
  if (!is_own("batch")) {
    options.batch = n < few ? 32 : 128;
    replaced.push_back("batch");
  }
  if (!is_own("epochs")) {
    options.epochs =
        static_cast<int>(std::clamp(std::ceil(steps_wanted * options.batch / n), 20.0, 200.0));
    replaced.push_back("epochs");
  }
  // Weights from a file expect the scaling that they were trained with (weights_scaling.h), not one
  // that suits the data.
  if (!is_own("normalise") && options.weights.empty() &&
      suited_normaliser(dataset) == data::Normaliser::features) {
    options.normalise = data::Normaliser::features;
    replaced.push_back("normalise");
  }
  return replaced;
}

}  // namespace

std::vector<std::string_view> suit(Options& options, const data::Dataset& dataset,
                                   const IsOwn& is_own) {
  data::check(dataset);
  const auto n = static_cast<double>(std::max<std::size_t>(1, dataset.train.count));
  return is_of_rows(dataset) ? suit_rows(options, dataset, n, is_own)
                             : suit_images_or_texts(options, dataset, n, is_own);
}

std::vector<std::string_view> suit(Options& options, const data::Dataset& dataset) {
  const Options usual, given = options;
  return suit(options, dataset, [&](std::string_view name) {
    const Option& option = find_option(name);
    return text_of(option, given) != text_of(option, usual);
  });
}

}  // namespace rectify::train
