#pragma once

#include <set>
#include <string>
#include <vector>

#include "rectify/diagnose/finding.h"
#include "rectify/train/trainer.h"

namespace rectify::diagnose {

/// Looks at a training after each of its epochs, by what the trainer has recorded anyway, and warns
/// of each cause once. It costs nothing beside an epoch; `rectify diagnose` looks closer
/// afterwards.
///
///     LiveWatch watch(trainer);
///     while (!trainer.finished()) {
///       trainer.train_epoch();
///       for (const Finding& finding : watch.look()) std::cerr << finding.title << '\n';
///     }
class LiveWatch {
 public:
  /// `warned`: causes that earlier processes have warned of, in a run that is resumed. The trainer
  /// must outlive it.
  explicit LiveWatch(const train::Trainer& trainer, std::set<std::string> warned = {});

  /// What the last epoch has shown that no epoch before it had.
  std::vector<Finding> look();

 private:
  const train::Trainer& trainer_;
  std::set<std::string> warned_;
  double constant_loss_ = 0;   ///< of the best constant answer, as classes weigh; 0 if unknown
  double constant_error_ = 0;  ///< its error; 0 if unknown
};

}  // namespace rectify::diagnose
