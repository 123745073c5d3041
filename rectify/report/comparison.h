#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace rectify::report {

/// Mean and standard deviation (n - 1) of a figure over seeds. Figures that do not exist are NaN
/// here and null in JSON.
struct Summary {
  double mean = 0;
  double sd = 0;
  std::vector<double> values;  ///< one for each seed, as ordered in Comparison::seeds
};

/// Counts of values in equal bins over [low, high]. Values outside are counted in the outermost
/// bins.
struct Histogram {
  double low = 0;
  double high = 0;
  std::vector<double> counts;
};

/// One hidden layer at one epoch, over the validation samples; mean over seeds.
struct LayerEpoch {
  std::string label;         ///< of the activation: "relu1"
  double exact_zeros = 0;    ///< share of outputs that are exactly 0, [0, 1]
  double dead_units = 0;     ///< share of units whose derivative is 0 on every input, [0, 1]
  double dead_channels = 0;  ///< share of channels with dead units alone; NaN: not known
  double gradient_norm = 0;  ///< L2, of Layer::weight, mean of sampled steps; NaN without a weight
};

/// One epoch, mean over seeds. Shares are in [0, 1]. A seed that stopped before this epoch counts
/// with the validation figures of its best epoch and the training figures of its last.
struct Epoch {
  int epoch = 0;  ///< from 1
  double train_loss = 0;
  double train_error = 0;
  double validation_loss = 0;
  double validation_error = 0;
  double validation_error_sd = 0;
  double seconds = 0;
  std::vector<LayerEpoch> layers;
};

/// A hidden layer at the end of training, first seed.
struct Layer {
  std::string label;   ///< of the activation: "relu1"
  std::string weight;  ///< the nearest weight before it: "dense1.weight"; empty: none
  std::int64_t units = 0;
  double exact_zeros = 0;
  double dead_units = 0;
  double gradient_norm = 0;  ///< of `weight`, in the last epoch; NaN without one
  Histogram outputs;         ///< of the activation, over the validation inputs
  /// The last axis of a layer of images or sequences, which has a unit at every position of each
  /// channel; in other layers as many as units; 0 where it is not known.
  std::int64_t channels = 0;
  double dead_channels = 0;
};

/// A learning rate that the search tried, and the validation error that it reached (NaN: diverged).
struct Trial {
  double lr = 0;
  double validation_error = 0;
};

/// What the search chose a rate by, and how sure the choice is.
struct RateChoice {
  int folds = 0;             ///< of cross-validation; 1: the validation part; 0: samples that train
  std::int64_t samples = 0;  ///< that each rate was judged on
  int rates = 0;             ///< that were tried; 0: the rate was given
  int alike = 0;             ///< of these, rates that cannot be told apart from the best
  double standard_error = 0;  ///< of the lowest error, within which rates are alike
};

struct ActivationResult {
  std::string name;
  std::string model;  ///< the network in text form
  double lr = 0;
  std::vector<Trial> search;     ///< empty when the rate was given
  Summary test_error;            ///< shares in [0, 1]; in regression rmse
  Summary best_epoch;            ///< by validation error, from 1
  double seconds_per_epoch = 0;  ///< median over the epochs of all seeds, training steps alone
  double samples_per_second = 0;
  double pretraining_seconds = 0;  ///< mean over seeds, before the first epoch; 0: none
  /// Epochs to match the weakest competitor's best: the first epoch whose mean validation error is
  /// as low as the lowest one of the activation that ends up worst among the others. With class
  /// weights both are weighted: what chose the best epochs. NaN: never.
  double match_epoch = 0;
  double exact_zeros = 0;     ///< over all hidden outputs
  double dead_units = 0;      ///< over all hidden units
  double dead_channels = 0;   ///< over all hidden channels
  double gradient_ratio = 0;  ///< first weight gradient's norm over the last one's; mean over seeds
  std::vector<Layer> layers;
  std::vector<Epoch> history;  ///< up to the last epoch of the seed that ran longest
  /// counts[true class][predicted class] over the test split, summed over seeds.
  std::vector<std::vector<std::int64_t>> confusion;
  RateChoice choice = {};
  /// Samples that inference answers in a second, one at a time and `inference_batch` at a time;
  /// first seed. NaN: not measured.
  double answers_of_one = std::numeric_limits<double>::quiet_NaN();
  double answers_of_batch = std::numeric_limits<double>::quiet_NaN();
};

/// Samples of the batch that inference is timed with.
inline constexpr int inference_batch = 128;

/// One setting of the comparison, in words for people.
struct Setting {
  std::string name, value;
  std::string group = {};
  bool usual = true;  ///< whether it is the default
};

/// All results of `rectify compare`, ready to be written, printed and drawn.
struct Comparison {
  std::string version;                                       ///< of Rectify
  std::string date;                                          ///< YYYY-MM-DD
  std::vector<std::pair<std::string, std::string>> machine;  ///< ("processor", "..."), ...
  std::vector<std::pair<std::string, std::string>>
      data;                     ///< ("spec", ...), ("training samples", ...)
  std::vector<Setting> config;  ///< all settings, group by group; no two of one name
  std::vector<std::string> class_names;
  bool regression = false;  ///< errors are roots of mean squared errors, not shares
  std::vector<std::uint64_t> seeds;
  std::string command;  ///< that repeats the comparison
  std::vector<ActivationResult> activations;
  std::string verdict;  ///< one sentence; empty when there are too few seeds for one
  std::vector<std::string> notes;
};

/// The document of docs/contracts.md, `"schema": 1`; non-finite numbers are null.
std::string to_json(const Comparison& comparison);

/// One self-contained HTML page. It makes no request, and its tables can be read without script.
std::string to_html(const Comparison& comparison);

/// The table and the verdict for a terminal. No line is longer than `width` columns.
std::string to_text(const Comparison& comparison, int width = 80);

}  // namespace rectify::report
