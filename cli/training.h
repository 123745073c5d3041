#pragma once

#include "cli/terminal.h"
#include "rectify/train/run_folder.h"

namespace rectify::cli {

/// Trains to the end, saving every epoch in the folder; prints the result. What train and resume
/// share. Returns the exit code.
int train_in(const train::RunFolder& folder, train::Trainer& trainer, Terminal& terminal);

}  // namespace rectify::cli
