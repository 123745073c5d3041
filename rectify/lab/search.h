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

/// A learning rate by search on validation: the same grid and the same budget for every model.
/// Three rates a factor of sqrt(10) apart around the optimiser's usual one, each trained for a
/// fifth of the epochs (at least one) with the schedule shortened to fit; when the best lies on the
/// edge of the grid, it grows on that side until it does not.
struct SearchPlan {
  std::vector<double> grid;
  int epochs = 1;
  double factor = 3.1622776601683795;
  int most_extensions = 6;

  explicit SearchPlan(const train::Options& options);
};

struct SearchResult {
  double lr = 0;                      ///< lowest validation error, then lowest validation loss
  std::vector<report::Trial> trials;  ///< ascending by rate
};

/// Validation error and loss that a trial ends with; infinite when it went non-finite.
struct TrialOutcome {
  double error = 0, loss = 0;
};

/// "12.34 % on validation", or that it went non-finite.
std::string text_of(const TrialOutcome& outcome);

/// Thrown when no rate trains without going non-finite.
class NothingTrains : public Error {
 public:
  using Error::Error;
};

/// Searches with `trial(rate)`; throws NothingTrains when every rate of the grid diverges and
/// extending downward does not help.
SearchResult search_rate(const SearchPlan& plan,
                         const std::function<TrialOutcome(double rate)>& trial);

/// The options that a trial of `rate` trains with.
train::Options trial_options(const train::Options& options, const SearchPlan& plan, double rate);

/// Trains and evaluates one trial.
TrialOutcome run_trial(const train::Options& options, const data::Dataset& dataset,
                       ThreadPool& threads, const ProgressCallback& progress,
                       const StopCallback& stop);

}  // namespace rectify::lab
