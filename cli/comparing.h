#pragma once

#include "cli/terminal.h"
#include "rectify/lab/compare.h"
#include "rectify/train/checkpoint/run_folder.h"

namespace rectify::cli {

/// Runs, or goes on with, a comparison in its folder; writes results.json and report.html there and
/// prints the table. What compare and resume share. Returns the exit code.
int compare_in(const train::RunFolder& folder, const lab::CompareOptions& options,
               const data::Dataset& dataset, ThreadPool& threads, Terminal& terminal);

}  // namespace rectify::cli
