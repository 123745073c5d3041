#pragma once

#include <functional>
#include <string>

#include "cli/terminal.h"
#include "rectify/lab/pretraining_report.h"
#include "rectify/train/checkpoint/run_folder.h"

namespace rectify::cli {

/// What `work` returns, which pretrains in the folder and notes what came of it. Writes
/// report.html, and says where, when it is done and also when it was stopped or failed; that error
/// goes on, with the way back.
std::string with_page(const train::RunFolder& folder, const pretrain::Pretrainer& pretrainer,
                      Terminal& terminal,
                      const std::function<std::string(lab::PretrainingOutcome&)>& work);

}  // namespace rectify::cli
