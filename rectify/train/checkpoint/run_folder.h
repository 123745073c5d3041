#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "rectify/base/progress.h"
#include "rectify/train/trainer.h"

namespace rectify::train {

/// A folder that a run writes to, locked while this object lives: a second process that wants the
/// same folder gets an Error.
class RunFolder {
 public:
  /// Makes the folder, or takes an empty one. A folder with content is refused unless `force`,
  /// which removes what earlier runs wrote there and nothing else. `config` becomes its
  /// config.toml, unless it is empty. A start with the same `config` that was killed before it
  /// saved anything more counts as no content.
  static RunFolder create(const std::filesystem::path& path, bool force,
                          const std::string& config = {});

  /// Opens a folder that a run wrote. Throws Error when there is none.
  static RunFolder open(const std::filesystem::path& path);

  RunFolder(RunFolder&&) noexcept;
  ~RunFolder();

  /// Whether it holds what `rectify resume` needs.
  bool resumable() const;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path file(const char* name) const { return path_ / name; }

 private:
  explicit RunFolder(std::filesystem::path path);
  std::filesystem::path path_;
  int lock_ = -1;
};

/// Writes what the trainer has after an epoch, or before the first: history.jsonl,
/// model.safetensors, best.safetensors and, last, state.safetensors, from which resume goes on. A
/// stop at any moment leaves the old or the new state. Before the first epoch the state comes
/// first, so that there always is one beside the rest. Throws WriteError.
void save_epoch(const RunFolder& folder, const Trainer& trainer);

/// The options of the run in a folder. Throws Error when it holds no saved state.
Options saved_options(const RunFolder& folder);

/// Brings a fresh trainer of saved_options to the state of the folder; cuts the history to it.
/// Returns warnings (another instruction set).
std::vector<std::string> resume(const RunFolder& folder, Trainer& trainer);

/// The weights that `path` stands for: a safetensors file, or a run's folder (its best weights, or
/// the last ones).
std::filesystem::path model_file(const std::filesystem::path& path, bool last);

}  // namespace rectify::train
