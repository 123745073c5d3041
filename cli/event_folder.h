#pragma once

#include <optional>
#include <span>
#include <string>

#include "cli/arguments.h"
#include "rectify/report/event_file.h"
#include "rectify/train/checkpoint/run_folder.h"
#include "rectify/train/records.h"

/// --tensorboard DIR. A run's folder remembers DIR in tensorboard.txt, so that `resume` goes on
/// with the curves there.
namespace rectify::cli {

void declare_event_folder(Arguments args, std::string& folder, const std::string& help);

/// Throws Error when `folder` is a file, or holds the curves of a run already, unless `force`. An
/// empty one is none.
void check_event_folder(const std::string& folder, bool force);

/// Remembers `folder`; does nothing for an empty one.
void remember_event_folder(const train::RunFolder& run, const std::string& folder);

/// The same for a run that may have a folder already. Throws Error for the folder of another run.
void move_event_folder(const train::RunFolder& run, const std::string& folder);

/// The event file of a run with this history, brought up to date; none where none was asked for.
/// Throws WriteError.
std::optional<report::EventFile> event_file_of(const train::RunFolder& run,
                                               std::span<const train::EpochRecord> history);

}  // namespace rectify::cli
