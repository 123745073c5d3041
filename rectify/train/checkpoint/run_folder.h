#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "rectify/base/file_lock.h"
#include "rectify/base/progress.h"
#include "rectify/train/trainer.h"

namespace rectify::train {

/// A folder that a run writes to. It is locked while this object lives: a second process that opens
/// the same folder gets an Error.
class RunFolder {
 public:
  /// Makes the folder, or takes an empty one. Throws Error for a folder with content; with `force`,
  /// instead, removes the files that earlier runs wrote there and nothing else. `config` becomes
  /// its config.toml, unless it is empty. A run with the same `config` that was killed before it
  /// saved anything else does not count as content.
  static RunFolder create(const std::filesystem::path& path, bool force,
                          const std::string& config = {});

  /// Opens the folder of an earlier run. Throws Error if there is none.
  static RunFolder open(const std::filesystem::path& path);

  /// Whether the folder has a state from which `rectify resume` can go on.
  bool resumable() const;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path file(const char* name) const { return path_ / name; }

 private:
  explicit RunFolder(std::filesystem::path path);
  std::filesystem::path path_;
  FileLock lock_;
};

/// Writes a checkpoint after an epoch, or before the first: history.jsonl, model.safetensors,
/// best.safetensors and, last, state.safetensors, from which resume() goes on. A process that is
/// killed at any moment leaves the old state or the new one. Before the first epoch the state is
/// written first, so that the other files never lie there without a state. Throws WriteError.
void save_epoch(const RunFolder& folder, const Trainer& trainer);

/// The options of the run in a folder, which may be another process's. Throws Error when it holds
/// no saved state.
Options saved_options(const std::filesystem::path& folder);
inline Options saved_options(const RunFolder& folder) { return saved_options(folder.path()); }

/// The epochs that its history.jsonl records; none where there is no such file, as of a run that
/// was killed at its start. Throws Error.
std::vector<EpochRecord> saved_history(const std::filesystem::path& folder);

/// How far the run in a folder has come: epochs trained, and the best of them. Throws Error when it
/// holds no saved state.
struct EpochCount {
  int trained = 0, best = 0;
};
EpochCount saved_epochs(const RunFolder& folder);

/// Brings a new trainer, made with saved_options() or with more epochs, to the state of the folder,
/// and cuts the history file to that epoch. Returns warnings, such as one for another instruction
/// set.
std::vector<std::string> resume(const RunFolder& folder, Trainer& trainer);

/// The file of the weights that `path` names: itself, or for the folder of a run its best weights,
/// or its last ones if `last`.
std::filesystem::path model_file(const std::filesystem::path& path, bool last);

}  // namespace rectify::train
