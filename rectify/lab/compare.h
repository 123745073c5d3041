#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/base/progress.h"
#include "rectify/data/dataset.h"
#include "rectify/report/comparison.h"
#include "rectify/train/options.h"

namespace rectify::lab {

/// The options of training that a comparison has when nobody asks for others: those of
/// train::Options, but 10 epochs, and initial weights from normal draws (docs/decisions/0003).
train::Options usual_training();

/// Which weights a comparison leaves in its folder: none; the winner's, as best.safetensors; or
/// those of every run too, beside its figures in runs/.
enum class Keep { none, best, all };
constexpr std::array<std::string_view, 3> names_of(Keep) { return {"none", "best", "all"}; }

/// What `rectify compare` is asked: the same network with one activation after another.
struct CompareOptions {
  std::vector<std::string> activations;  ///< items of a model text: "relu", "leaky_relu a=0.02"
  std::string model = {};  ///< network whose `relu` each activation replaces; empty: see `hidden`
  std::vector<std::int64_t> hidden = {};  ///< widths of the hidden layers
  double dropout = 0;                     ///< rate after every hidden activation; 0: none
  /// What networks start from: names of pretraining_names(). Each activation is trained from each.
  std::vector<std::string> pretraining = {"none"};
  int pretraining_epochs = 10;  ///< of each layer
  /// What zeros cost and are worth: penalties on hidden outputs, in place of Options::l1, each of
  /// which each activation is trained with, and a measurement of how fast the networks answer.
  /// Empty: Options::l1 alone, without that.
  std::vector<double> penalties = {};
  int seeds = 3;
  bool search = true;    ///< search the learning rate for each activation
  train::Options train;  ///< the options that all runs share
  std::string command;   ///< that repeats the comparison; for the report
  Keep keep = Keep::none;
};

/// The penalties that each activation is trained with.
std::vector<double> penalties_of(const CompareOptions& options);

std::string to_json(const CompareOptions& options);
CompareOptions compare_options_from_json(const std::string& text);

/// Throws Error naming what makes no sense: an unknown activation, one given twice, no seeds, ...
void check(const CompareOptions& options);

/// Throws Error if the networks do not fit the data or the memory. Call it before a folder is made
/// or changed.
void check_with(const CompareOptions& options, const data::Dataset& dataset);

/// Trains all networks and summarises the results. All activations see the same data in the same
/// order and, up to the gain, start from the same weights. Finished searches and runs are kept as
/// files in `folder`/runs and are not repeated when the same comparison is asked for again. Throws
/// Stopped when `stop` returns true. A network whose loss becomes non-finite gets a note and no
/// figures.
report::Comparison compare(const CompareOptions& options, const data::Dataset& dataset,
                           const std::filesystem::path& folder, ThreadPool& threads,
                           const ProgressCallback& progress = {}, const StopCallback& stop = {});

/// The sentence that says whether the lead of the best activation over the others exceeds the
/// spread between seeds: from paired differences over seeds, Holm-corrected. Empty for fewer than 3
/// seeds or for one activation.
std::string verdict(const std::vector<report::ActivationResult>& results, bool regression = false);

}  // namespace rectify::lab
