#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "rectify/base/progress.h"
#include "rectify/data/dataset.h"
#include "rectify/report/comparison.h"
#include "rectify/train/options.h"

namespace rectify::lab {

/// The options of training that a comparison has when nobody asks for others: those of
/// train::Options, but 10 epochs, and initial weights from normal draws (docs/decisions/0003).
train::Options usual_training();

/// What `rectify compare` is asked: the same network with one activation after another.
struct CompareOptions {
  std::vector<std::string> activations;  ///< items of a model text: "relu", "leaky_relu a=0.02"
  std::string model = {};  ///< text of a network, whose `relu` gives way to each; empty: `hidden`
  std::vector<std::int64_t> hidden = {};  ///< widths of the hidden layers
  double dropout = 0;                     ///< rate after every hidden activation; 0: none
  int seeds = 3;
  bool search = true;    ///< a rate for each activation by search
  train::Options train;  ///< what all have in common
  std::string command;   ///< that repeats it, for the report
};

std::string to_json(const CompareOptions& options);
CompareOptions compare_options_from_json(const std::string& text);

/// Throws Error naming what makes no sense: an unknown activation, one given twice, no seeds, ...
void check(const CompareOptions& options);

/// Throws Error when the networks do not fit the data, or the memory; for before a folder is
/// touched.
void check_with(const CompareOptions& options, const data::Dataset& dataset);

/// Trains them all and puts the answer together. All activations see the same data in the same
/// order and, up to the gain, start from the same weights. Finished searches and runs are kept as
/// files in `folder`/runs and are not repeated when the same comparison is asked again. Throws
/// Stopped when `stop` said so; a model that goes non-finite is reported in the notes, with no
/// figures.
report::Comparison compare(const CompareOptions& options, const data::Dataset& dataset,
                           const std::filesystem::path& folder, ThreadPool& threads,
                           const ProgressCallback& progress = {}, const StopCallback& stop = {});

/// The sentence that says whether the best differs from its rivals by more than the spread, from
/// paired differences over seeds, Holm-corrected. Empty for fewer than 3 seeds or one activation.
std::string verdict(const std::vector<report::ActivationResult>& results);

}  // namespace rectify::lab
