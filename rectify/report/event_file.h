#pragma once

#include <filesystem>

#include "rectify/report/training.h"

namespace rectify::report {

/// The curves of one training run in a folder for TensorBoard, written epoch by epoch:
///
///     EventFile events("logs/first", 0, now);
///     events.add(epoch, now);
///
/// Then `tensorboard --logdir logs` shows a run called "first". The file's name is
/// events.out.tfevents.TIME.rectify; other files stay as they are. Times are in seconds since 1970.
class EventFile {
 public:
  /// Makes the folder where it is not there. With `last_epoch` 0, removes the file of an earlier
  /// run and begins one; otherwise goes on with it, after cutting off what it has of later epochs.
  /// Throws WriteError.
  EventFile(const std::filesystem::path& folder, int last_epoch, double time);

  /// Adds the figures of an epoch, unless the file has them. Throws WriteError.
  void add(const TrainingEpoch& epoch, double time);

  /// The file that this class wrote in a folder; empty when there is none.
  static std::filesystem::path found_in(const std::filesystem::path& folder);

 private:
  void append(const std::string& bytes);
  std::filesystem::path path_;
  int last_epoch_ = 0;
};

}  // namespace rectify::report
