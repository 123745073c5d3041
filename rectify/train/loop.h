#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "rectify/base/progress.h"
#include "rectify/train/step.h"

namespace rectify::train {

/// One pass over the samples.
struct EpochTask {
  int epoch = 0;                            ///< from 0
  int epochs = 1;                           ///< of the whole run, for the progress
  std::span<const std::uint32_t> samples;   ///< in the order in which they are fed
  std::size_t samples_a_step = 1;           ///< the last step may have fewer
  std::function<double(double done)> rate;  ///< learning rate after `done` epochs of the run
};

/// Who looks on while steps are taken. Each may be empty.
struct LoopObservers {
  BatchObserver batch;                                    ///< after each batch
  std::function<void(const GradientNorms& norms)> norms;  ///< now and then; costs a slower step
  std::function<void()> step;                             ///< after each step that was taken
};

/// Takes the steps of one epoch. Asks `stop` before each of them, and returns false as soon as it
/// says so. Throws NonFinite as Step::take() does.
bool run_epoch(const EpochTask& task, Step& step, Feed& feed, const LoopObservers& observers,
               const ProgressCallback& progress = {}, const StopCallback& stop = {});

}  // namespace rectify::train
