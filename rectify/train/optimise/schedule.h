#pragma once

#include <vector>

#include "rectify/train/options.h"

namespace rectify::train {

struct EpochRecord;

/// Epochs of warm-up that the options ask for, -1 resolved; of one_cycle, those of its rise.
double warmup_epochs(const Options& options);

/// The learning rate at `progress` epochs (with fractions) after the start.
/// Linear warm-up over warmup_epochs, then the schedule:
/// `step` multiplies by step_factor every step_every epochs.
/// `cosine` falls to 0 at the last epoch's end (Loshchilov & Hutter 2017, eq. 5).
/// `cosine_restarts` falls to 0 in periods of restart_every epochs, each restart_factor times as
/// long as the one before (the same, section 3).
/// `one_cycle` has no other warm-up: it rises from lr / cycle_div to lr and falls to lr / cycle_div
/// / cycle_final_div at the last epoch's end, both along a half cosine (Smith & Topin 2019; the
/// momentum stays as it is).
/// `plateau` multiplies by step_factor for each of the `falls` so far.
double rate_at(const Options& options, double progress, int falls = 0);

/// How often `plateau` has fallen after these epochs: whenever plateau_patience epochs after the
/// warm-up have passed without one better on validation - a lower error, or the same with a lower
/// loss - since the best one or the last fall.
int plateau_falls(const Options& options, const std::vector<EpochRecord>& history);

}  // namespace rectify::train
