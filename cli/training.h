#pragma once

#include "cli/terminal.h"
#include "rectify/train/checkpoint/run_folder.h"

namespace rectify::cli {

/// Trains from the beginning with these options, after a search for the rate when `search`, of
/// which each trial is saved in the folder; then as train_in. Returns the exit code.
int train_anew(const train::RunFolder& folder, train::Options options, bool search,
               const data::Dataset& dataset, ThreadPool& threads, Terminal& terminal);

/// Trains to the end, saving every epoch in the folder; prints the result and leaves report.html
/// there, also when training fails or is interrupted. What train and resume share. Returns the exit
/// code.
int train_in(const train::RunFolder& folder, train::Trainer& trainer, Terminal& terminal);

}  // namespace rectify::cli
