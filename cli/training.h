#pragma once

#include <array>
#include <string>
#include <string_view>

#include "cli/terminal.h"
#include "rectify/train/checkpoint/run_folder.h"

namespace rectify::cli {

/// What the warnings during training may end it for.
enum class StopOn { nothing, fault, warning };
constexpr std::array<std::string_view, 3> names_of(StopOn) {
  return {"nothing", "fault", "warning"};
}

/// What `train` takes beside the options of training.
struct RunFlags {
  StopOn stop_on = StopOn::nothing;
  std::string tensorboard;  ///< see event_folder.h
};

/// Trains from the beginning with these options, after a search for the rate when `search`, of
/// which each trial is saved in the folder; then as train_in. Returns the exit code.
int train_anew(const train::RunFolder& folder, train::Options options, bool search,
               const data::Dataset& dataset, ThreadPool& threads, Terminal& terminal,
               const RunFlags& flags = {});

/// Trains to the end, saving every epoch in the folder; prints the result and leaves report.html
/// there, also when training fails or is interrupted. What a diagnosis sees on the way is told as a
/// warning and kept in events.jsonl; where `stop_on` says so it ends the run. What train and resume
/// share. Returns the exit code.
int train_in(const train::RunFolder& folder, train::Trainer& trainer, Terminal& terminal,
             StopOn stop_on = StopOn::nothing);

}  // namespace rectify::cli
