#pragma once

#include <functional>
#include <string>

#include "cli/terminal.h"
#include "rectify/pretrain/pretrainer.h"
#include "rectify/train/checkpoint/run_folder.h"

namespace rectify::cli {

/// What `work`, which pretrains in the folder, returns. Writes report.html, and says where, when it
/// is done and also when it was stopped or failed; that error goes on, with the way back.
std::string with_page(const train::RunFolder& folder, const pretrain::Pretrainer& pretrainer,
                      Terminal& terminal, const std::function<std::string()>& work);

}  // namespace rectify::cli
