#pragma once

#include <filesystem>
#include <functional>

#include "rectify/data/dataset.h"
#include "rectify/lab/search.h"

namespace rectify::lab {

/// What is finished is kept as files in a folder of the run's folder, so that nothing is repeated
/// by a process that goes on. Remembers what it is computed from: the first call in a folder writes
/// setting.json, later ones throw Error when data, instruction set or oneDNN's version is another.
void keep_setting(const std::filesystem::path& folder, const data::Dataset& dataset);

/// The outcome of a trial that `file` keeps; otherwise that of `trial`, from then on kept. Throws
/// Error when the file is damaged, WriteError when it cannot be written.
TrialOutcome kept_trial(const std::filesystem::path& file,
                        const std::function<TrialOutcome()>& trial);

}  // namespace rectify::lab
