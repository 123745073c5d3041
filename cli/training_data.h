#pragma once

#include "cli/flags.h"
#include "cli/terminal.h"
#include "rectify/data/dataset.h"

namespace rectify::cli {

/// Opens the data of a training. --task becomes part of the SPEC in `flags`, so that whoever reads
/// it later asks for the same. Where nobody says the task, a loss for numbers does
/// (mean_squared_error, mean_absolute_error, huber): whole numbers are targets then, not classes.
data::Dataset open_training_data(TrainingFlags& flags, ThreadPool& threads);

}  // namespace rectify::cli
