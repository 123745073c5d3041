#pragma once

#include <functional>
#include <string>
#include <vector>

#include "rectify/lab/measure.h"
#include "rectify/lab/search.h"
#include "rectify/train/options.h"
#include "rectify/train/trainer.h"

namespace rectify::lab {

/// The options of training that a recipe's table `train` asks for; the others are usual. `text`
/// replaces the model. Throws Error, which suggests the nearest name, for an unknown one.
train::Options training_options(const Json& table, const std::string& model, std::uint64_t seed);

/// For Measure::check: throws Error for what training_options() refuses in `train`, for values of
/// `search`, where there is one, that could not be tried, and for a `model` that is no network.
void check_training(const Json& options);

/// The first so many samples of each split; 0: all. Where a class is not among them, as in folders
/// of pictures, which are read class by class, so many at equal distances.
data::Dataset first_samples(const data::Dataset& dataset, std::int64_t train, std::int64_t test);

/// Searches what `table` names, by the validation samples: `lr = true` a rate (search.h), every
/// list the values of an option of training, such as `l1 = [0, 1e-4]`. Rates come first; then each
/// list is tried at that rate, each value with as many epochs as a rate had, and the value with the
/// lowest error stays. So all rivals get the same budget. `trial_epochs = N` says how many epochs
/// that is (a fifth of the run's else, too few where regularisation is to show), `rate_factor = X`
/// how far apart rates are (the root of 10 else). Every trial is kept in the input's folder.
/// Returns the values that were chosen, by name; an empty object where nothing is asked. Where
/// every rate goes non-finite, the rate is null.
Json searched(const Json& table, train::Options base, const data::Dataset& dataset,
              const MeasureInput& input);

/// The options with what a search has chosen.
train::Options with_chosen(train::Options options, const Json& chosen);

/// How a training ended.
struct Training {
  bool finite = true;
  double seconds = 0;  ///< of the steps alone
};

/// Whether training may end with this epoch.
using Enough = std::function<bool(const train::EpochRecord& epoch)>;

/// Trains to the end, or until an epoch is `enough` or the network goes non-finite. Throws Stopped.
Training train_to_the_end(train::Trainer& trainer, const MeasureInput& input,
                          const Enough& enough = {});

/// The first epoch whose validation error is within 0.1 points of the lowest, from 1. NaN where no
/// validation error is below nine tenths of `simplest`, model::baseline_error(): such a network has
/// not learned, and its lowest error comes early by chance.
double converged_epoch(const std::vector<train::EpochRecord>& history, double simplest);

/// The first epoch in which the training error was at most `error`; NaN where none was.
double epochs_to(const std::vector<train::EpochRecord>& history, double error);

}  // namespace rectify::lab
