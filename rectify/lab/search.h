#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/progress.h"
#include "rectify/data/dataset.h"
#include "rectify/report/comparison.h"
#include "rectify/train/options.h"

namespace rectify::lab {

/// With fewer validation samples than this, rates are judged by cross-validation. An error of 10 %
/// on 500 samples has a standard error of 1.3 points, about what rates of the grid differ by near
/// the best one; on 15 samples it has 7.7 points.
inline constexpr std::size_t few_samples = 500;

/// The folds of cross-validation: all training samples judge a rate, and a trial trains on four
/// fifths of them, at five times the work.
inline constexpr int usual_folds = 5;

/// What rates are judged on. The test split is never read.
struct Judging {
  /// Of the training split, each of which is held out in one trial of every rate. 1: its validation
  /// part is held out. 0: nothing is (--validation 0), and samples that train judge too.
  int folds = 1;
  std::size_t samples = 0;  ///< that are judged, in all folds together; 0: not known
  std::size_t width = 1;    ///< predictions of one sample: the characters of a text
  /// As how many predictions of equal weight each one counts, at most 1: with class weights
  /// (sum of the weights)^2 / (sum of their squares) of all, a share (Kish 1965).
  double equal_share = 1;
  std::size_t held_out = 0;  ///< samples in the validation part
  bool classes = true;       ///< whether the error is a share; else the root of a mean square
  /// Of the best answer that is the same for all: what a network has that learned nothing. Infinite
  /// where it is not known, as where no classes are predicted.
  double constant_error = std::numeric_limits<double>::infinity();

  Judging() = default;
  /// Takes cross-validation where the validation part has fewer than `few_samples`, or, with
  /// --validation 0, where a tenth of the training split has. Each prediction counts.
  Judging(const train::Options& options, const data::Dataset& dataset);

  /// The standard error of `error`. Of a share p of n predictions it is sqrt(p (1 - p) / n), with
  /// one more right and one more wrong, so that 0 of 15 is not taken for certain; of a root mean
  /// square it is that of normal residuals, error / sqrt(2 n). 0 where `samples` is not known.
  double standard_error(double error) const;

  /// Whether a network of this error learned something: it is below `constant_error` by more than a
  /// standard error.
  bool learned(double error) const {
    return std::isinf(constant_error) || error < constant_error - standard_error(constant_error);
  }

  /// What to tell before a search: that there is cross-validation, and why. Empty without.
  std::string text() const;
};

/// The plan of a learning-rate search: the same grid and the same budget for every network. The
/// grid has three rates, `factor` apart, around the usual rate of the optimiser. Each
/// trial trains for a fifth of the epochs (at least one), with the schedule shortened to fit. While
/// the chosen rate is at an edge of the grid, the grid grows on that side.
struct SearchPlan {
  static constexpr double usual_factor = 3.1622776601683795;  ///< the root of 10

  std::vector<double> grid;
  int epochs = 1;
  double factor = usual_factor;
  int most_extensions = 6;
  Judging judging;

  explicit SearchPlan(const train::Options& options, double factor = usual_factor);
  SearchPlan(const train::Options& options, const data::Dataset& dataset,
             double factor = usual_factor);

  /// The epochs that one rate takes, in all folds.
  int epochs_a_rate() const { return epochs * std::max(1, judging.folds); }
};

struct SearchResult {
  double lr = 0;
  std::vector<report::Trial> trials;  ///< ascending by rate
  report::RateChoice choice = {};     ///< how sure it is
};

/// Validation error and loss at the end of a trial; infinite if the trial became non-finite.
struct TrialOutcome {
  double error = 0, loss = 0;
};

/// "12.34 % on validation", "12.34 % on 142 samples in 5 folds", or the words for a trial that
/// became non-finite.
std::string text_of(const TrialOutcome& outcome, const Judging& judging);

/// Thrown when every rate becomes non-finite.
class NothingTrains : public Error {
 public:
  using Error::Error;
};

/// Searches with `trial(rate)`. Rates whose error is within a standard error of the lowest cannot
/// be told apart (the one-standard-error rule of Breiman et al. 1984, section 3.4.3). Of the
/// longest stretch of such neighbours the middle one is chosen, which has room on both sides; of
/// two in the middle, that of lower error, then of lower loss. Where no rate learns anything, the
/// grid is extended by smaller ones as where all diverge, for a rate that is too high leaves a
/// network at chance as well; if those do not learn either, the middle of the grid is taken. Throws
/// NothingTrains if every rate diverges, also the smaller ones by which the grid is extended.
SearchResult search_rate(const SearchPlan& plan,
                         const std::function<TrialOutcome(double rate)>& trial);

/// The options with which a trial of `rate` trains.
train::Options trial_options(const train::Options& options, const SearchPlan& plan, double rate);

/// One trial of a rate.
struct Fold {
  std::string name;  ///< for the file that keeps it: "0.2", or "0.2-fold-1-of-5"
  std::string text;  ///< for people: "0.2", or "0.2, fold 1 of 5"
  std::optional<data::Partition> parts;  ///< of a fold; else those of Options::validation
};

/// What all trials of the rate `options.lr` say together: the error over the samples of all folds.
/// Once a trial is not finite, no more are made.
TrialOutcome judge(const Judging& judging, const train::Options& options,
                   const data::Dataset& dataset,
                   const std::function<TrialOutcome(const Fold& fold)>& trial);

/// Trains and evaluates one trial.
TrialOutcome run_trial(const train::Options& options, const data::Dataset& dataset,
                       const Fold& fold, ThreadPool& threads, const ProgressCallback& progress,
                       const StopCallback& stop);

}  // namespace rectify::lab
