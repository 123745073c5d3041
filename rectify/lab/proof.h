#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "rectify/base/progress.h"
#include "rectify/base/thread_pool.h"
#include "rectify/data/dataset.h"
#include "rectify/train/options.h"

namespace rectify::lab {

/// Two ways of training held against each other: the same data, seeds and number of epochs, unless
/// the epochs are what was changed.
struct Proof {
  std::vector<double> before, after;  ///< test errors of the best weights, by seed; NaN: it broke

  enum class Answer { better, worse, no_difference };
  /// By the paired t test at 5 % (with one seed: any difference). A training that broke is worse
  /// than one that did not.
  Answer answer() const;
};

/// Trains both, `seeds` times, the first time with the options' own seed. Throws Stopped.
Proof prove(const train::Options& before, const train::Options& after, const data::Dataset& dataset,
            int seeds, ThreadPool& threads, const ProgressCallback& progress,
            const StopCallback& stop);

}  // namespace rectify::lab
