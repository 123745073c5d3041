#pragma once

#include <filesystem>

#include "rectify/report/watch.h"

namespace rectify::lab {

/// A training run as its folder tells it, while another process works on it, before and after. It
/// reads files and leaves no trace.
class WatchedRun {
 public:
  /// Throws Error where there is no such folder, or where it is that of a comparison.
  explicit WatchedRun(std::filesystem::path folder);

  /// What there is now. Files are read only where one has changed. Throws Error for files that
  /// cannot be read, as for a moment when a run is started anew in the folder.
  const report::Watched& look();

 private:
  std::filesystem::path folder_;
  report::Watched known_;
};

}  // namespace rectify::lab
