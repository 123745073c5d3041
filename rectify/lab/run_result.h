#pragma once

#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "rectify/graph/graph.h"
#include "rectify/report/comparison.h"
#include "rectify/train/trainer.h"

namespace rectify::lab {

/// What one hidden layer does over the validation samples, with the best parameters.
struct LayerResult {
  std::string label;  ///< of the activation: "relu1"
  std::int64_t units = 0;
  double exact_zeros = 0;  ///< share of outputs, [0, 1]
  double dead_units = 0;   ///< share of units, [0, 1]
  report::Histogram outputs;
  /// See model::LayerActivity; 0 and NaN in files of older programs, until add_channels().
  std::int64_t channels = 0;
  double dead_channels = 0;  ///< share of channels, [0, 1]
};

/// The result of one training run of a comparison. It is kept as a file, so that the run need not
/// be repeated.
struct RunResult {
  bool finite = true;
  std::string trouble;  ///< why it is not finite
  double test_error = 0;
  int best_epoch = 0;
  double pretraining_seconds = 0;  ///< of layers that it started from
  std::size_t training_samples = 0;
  /// What it was timed with; 0 and empty in files of older programs.
  int threads = 0;
  std::string processor;
  std::vector<train::EpochRecord> history;
  std::vector<LayerResult> layers;
  std::vector<std::vector<std::int64_t>> confusion;
  /// See report::ActivationResult; NaN where nobody asked for them.
  double answers_of_one = std::numeric_limits<double>::quiet_NaN();
  double answers_of_batch = std::numeric_limits<double>::quiet_NaN();
};

std::string to_json(const RunResult& result);
/// Reads what to_json() of this or an older program wrote; throws Error for any other text. The
/// history of an older program has no labels of weights: see train::label_records().
RunResult run_result_from_json(const std::string& text);

/// Gives the layers of a run of an older program their channels, and, where each is one unit, how
/// many of them were dead. Of other layers that is not known.
void add_channels(RunResult& run, const graph::Graph& network);

/// Trains one network to the end, and saves its best weights as `weights`, unless that is empty.
/// `timed`: then measures how fast it answers. Throws Stopped when `stop` returns true.
RunResult run_to_the_end(const train::Options& options, const data::Dataset& dataset,
                         ThreadPool& threads, const ProgressCallback& progress,
                         const StopCallback& stop, const std::filesystem::path& weights = {},
                         bool timed = false);

/// Equal bins from the smallest to the largest value, at most the 0.1 and 99.9 % quantiles.
report::Histogram histogram_of(std::vector<float> values, int bins);

}  // namespace rectify::lab
