#pragma once

#include "cli/terminal.h"
#include "rectify/pretrain/pretrainer.h"
#include "rectify/train/checkpoint/run_folder.h"

namespace rectify::cli {

/// Pretrains to the end, saving every epoch in the folder, and prints what came of it. What
/// pretrain and resume share. Returns the exit code.
int pretrain_in(const train::RunFolder& folder, pretrain::Pretrainer& pretrainer,
                ThreadPool& threads, Terminal& terminal);

}  // namespace rectify::cli
