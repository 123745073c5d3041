#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/flags.h"
#include "cli/terminal.h"
#include "rectify/data/dataset.h"

namespace rectify::cli {

/// Opens the data of a training. --task becomes part of the SPEC in `flags`, so that whoever reads
/// it later asks for the same. Where nobody says the task, a loss for numbers does
/// (mean_squared_error, mean_absolute_error, huber): whole numbers are targets then, not classes.
data::Dataset open_training_data(TrainingFlags& flags, ThreadPool& threads);

/// Replaces options that nobody gave by those that suit the data (train/suit.h), `hidden` too where
/// the network is built of it, and says so. Returns the values by the names of their flags, for
/// config.toml.
std::map<std::string, std::string, std::less<>> suit_flags(const Arguments& args,
                                                           const data::Dataset& dataset,
                                                           TrainingFlags& flags,
                                                           NetworkFlags& network,
                                                           std::vector<std::string>& notes);

}  // namespace rectify::cli
