#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "rectify/lab/compare.h"
#include "rectify/lab/summary.h"

namespace rectify::lab {

/// An activation as part of a file's name: letters, digits, '_', '.' and '-' only.
std::string file_stem(const std::string& activation);

/// The file of one run of a comparison in `runs`: "relu-seed-1.json".
std::filesystem::path run_file(const std::filesystem::path& runs, const std::string& activation,
                               std::uint64_t seed, const std::string& ending);

/// Copies the winner's weights to `folder`/best.safetensors, and notes in `comparison` whose they
/// are. The winner is the activation with the lowest mean test error; of its seeds the one with the
/// lowest validation error (with class weights the weighted one, see EpochRecord::judged_error),
/// so that no seed is chosen by the test split. With Keep::best the
/// weights of all runs are removed afterwards. Nothing happens where no run has figures.
void keep_winner(const std::filesystem::path& folder, Keep keep,
                 const std::vector<ActivationRuns>& all, report::Comparison& comparison);

}  // namespace rectify::lab
