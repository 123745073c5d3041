#pragma once

#include <vector>

#include "rectify/train/options.h"

namespace rectify::train {

struct EpochRecord;

/// The epochs of warm-up; an option of -1 is replaced by the number that it stands for. For
/// one_cycle: the epochs of its rise.
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
/// Past the last epoch's end `cosine` and `one_cycle` stay at the rate that they ended with.
double rate_at(const Options& options, double progress, int falls = 0);

/// Whether rates depend on how many epochs the run has in all: another number stretches the
/// schedule.
bool depends_on_epochs(Schedule schedule);

/// How often `plateau` has lowered the rate after these epochs: each time that plateau_patience
/// epochs after the warm-up have passed since the best epoch, or since the last fall, without a
/// better one. An epoch is better if its validation error is lower, or equal with a lower
/// validation loss; with class weights by the weighted ones.
int plateau_falls(const Options& options, const std::vector<EpochRecord>& history);

}  // namespace rectify::train
