#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "rectify/train/checkpoint/run_folder.h"

namespace rectify::train {

/// Something that happened in a run: a warning, or what ended it.
struct Event {
  int epoch = 0;      ///< in which, from 1
  std::string kind;   ///< "warning", or "not_finite"
  std::string cause;  ///< of a warning: the name of a diagnosis' rule; else empty
  std::string text;   ///< for people
  bool operator==(const Event&) const = default;
};

/// Adds a line to the folder's events.jsonl. Throws WriteError.
void add_event(const RunFolder& folder, const Event& event);

/// The events in a run's folder, in their order; none where there is no such file. Throws Error for
/// a file that is damaged.
std::vector<Event> events_in(const std::filesystem::path& folder);

/// Removes the events of later epochs, which resume() trains again.
void cut_events(const RunFolder& folder, int last_epoch);

}  // namespace rectify::train
