#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "rectify/report/comparison.h"

/// One training run, ready to be drawn. Figures that do not exist are NaN.
namespace rectify::report {

inline constexpr double no_value = std::numeric_limits<double>::quiet_NaN();

/// One weight in one epoch.
struct TrainedWeight {
  std::string label;         ///< "dense1.weight"
  double gradient = 0;       ///< L2 norm, mean of sampled steps
  double update = no_value;  ///< how far a step moves it, over its own norm; mean of sampled steps
};

/// One hidden layer after one epoch, over the validation samples. Shares are in [0, 1].
struct TrainedLayer {
  std::string label;  ///< of the activation: "relu1"
  double exact_zeros = 0;
  double dead_units = 0;        ///< in layers of images, of channels
  double saturated = no_value;  ///< outputs where the activation is nearly flat
};

/// One epoch. Errors are shares of wrong answers, or in regression roots of mean squares.
struct TrainingEpoch {
  int epoch = 0;  ///< from 1
  double lr = 0;
  double train_loss = 0, train_error = 0;
  double validation_loss = no_value, validation_error = no_value;
  double seconds = 0;                 ///< of the training steps alone
  double certified_error = no_value;  ///< with --certify: samples that bounds do not prove
  std::vector<TrainedWeight> weights;
  std::vector<TrainedLayer> layers;
};

/// A test sample to which the answer is among the worst.
struct WorstSample {
  std::size_t number = 0;  ///< of the test split, from 0
  std::string truth, answer;
  double confidence = no_value;     ///< probability that the answer was given, [0, 1]
  std::string picture;              ///< a PNG file's bytes; empty: no picture
  std::vector<std::string> values;  ///< of the columns; empty where there is a picture
};

/// What is known of one class.
struct ClassFigures {
  std::int64_t train = 0, validation = 0, test = 0;                               ///< samples
  double precision = no_value, recall = no_value, f1 = no_value, auc = no_value;  ///< on test
  double weight = 1;  ///< of a sample's loss
};

/// What is known of one number of a regression's targets, on the test split.
struct TargetFigures {
  std::string name;
  std::vector<std::pair<double, double>> answers;  ///< actual and predicted, of some samples
  Histogram residuals;                             ///< predicted - actual
};

enum class TrainingEnd { finished, stopped, failed };

/// All of a run of `rectify train`.
struct Training {
  std::string version, date, command;
  TrainingEnd end = TrainingEnd::finished;
  std::string trouble;  ///< why it failed, or how to go on with what was stopped
  std::string data, model;
  std::vector<std::string> class_names;  ///< empty for regression
  std::vector<Setting> config;
  std::vector<std::pair<std::string, std::string>> data_facts, machine;
  std::vector<std::string> notes;
  std::vector<std::pair<int, std::string>> events;  ///< what happened in which epoch
  std::vector<TrainingEpoch> history;  ///< the last may be one that failed, without validation
  int epochs = 0;                      ///< that were asked for
  int best_epoch = 0;                  ///< 0: none was finished
  bool validated = true;               ///< whether samples were held out
  double test_error = no_value, test_loss = no_value;  ///< by the best weights
  double baseline = no_value;  ///< error of the commonest class, or of the mean, as every answer
  std::int64_t test_samples = 0;
  /// Counts of the test split, a row a true class.
  std::vector<std::vector<std::int64_t>> confusion;
  std::vector<ClassFigures> classes;                        ///< in the order of class_names
  ClassFigures mean;                                        ///< of the classes' scores
  std::vector<std::pair<std::string, std::string>> scores;  ///< of a regression: "R²", ...
  std::vector<TargetFigures> targets;
  std::vector<std::string> columns;  ///< of WorstSample::values
  std::vector<WorstSample> worst;    ///< the worst first
};

/// One self-contained HTML page. It makes no request, and its tables can be read without script.
std::string to_html(const Training& training);

}  // namespace rectify::report
