#pragma once

#include <string>
#include <vector>

#include "rectify/train/options.h"

namespace rectify::train {

/// constant, step, cosine.
std::vector<std::string> schedule_names();

/// Epochs of warm-up that the options ask for, -1 resolved.
double warmup_epochs(const Options& options);

/// The learning rate at `progress` epochs (with fractions) after the start.
/// Linear warm-up over warmup_epochs, then the schedule: `step` multiplies by step_factor
/// every step_every epochs; `cosine` falls to 0 at the last epoch's end (Loshchilov & Hutter 2017,
/// eq. 5 without restarts).
double rate_at(const Options& options, double progress);

}  // namespace rectify::train
