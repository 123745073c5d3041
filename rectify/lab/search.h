#pragma once

#include <functional>
#include <string>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/progress.h"
#include "rectify/data/dataset.h"
#include "rectify/report/comparison.h"
#include "rectify/train/options.h"

namespace rectify::lab {

/// The plan of a learning-rate search on the validation split: the same grid and the same budget
/// for every network. The grid has three rates, a factor of sqrt(10) apart, around the usual rate
/// of the optimiser. Each trial trains for a fifth of the epochs (at least one), with the schedule
/// shortened to fit. While the best rate is at an edge of the grid, the grid grows on that side.
struct SearchPlan {
  std::vector<double> grid;
  int epochs = 1;
  double factor = 3.1622776601683795;
  int most_extensions = 6;

  explicit SearchPlan(const train::Options& options);
};

struct SearchResult {
  double lr = 0;  ///< of lowest validation error; of equal ones, lowest validation loss
  std::vector<report::Trial> trials;  ///< ascending by rate
};

/// Validation error and loss at the end of a trial; infinite if the trial became non-finite.
struct TrialOutcome {
  double error = 0, loss = 0;
};

/// "12.34 % on validation", or the words for a trial that became non-finite.
std::string text_of(const TrialOutcome& outcome);

/// Thrown when every rate becomes non-finite.
class NothingTrains : public Error {
 public:
  using Error::Error;
};

/// Searches with `trial(rate)`. Throws NothingTrains if every rate diverges, also the smaller ones
/// by which the grid is extended.
SearchResult search_rate(const SearchPlan& plan,
                         const std::function<TrialOutcome(double rate)>& trial);

/// The options with which a trial of `rate` trains.
train::Options trial_options(const train::Options& options, const SearchPlan& plan, double rate);

/// Trains and evaluates one trial.
TrialOutcome run_trial(const train::Options& options, const data::Dataset& dataset,
                       ThreadPool& threads, const ProgressCallback& progress,
                       const StopCallback& stop);

}  // namespace rectify::lab
