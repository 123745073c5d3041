#pragma once

#include <span>
#include <string>
#include <vector>

#include "rectify/base/thread_pool.h"
#include "rectify/data/dataset.h"
#include "rectify/diagnose/finding.h"
#include "rectify/train/options.h"

namespace rectify::diagnose {

/// The options with the changes of a finding. Throws Error for a flag that is no option's, and for
/// a value that it may not have.
train::Options with_changes(const train::Options& options, std::span<const Change> changes);

/// What was changed, and against what.
struct Applied {
  std::string cause;
  std::vector<Change> changes;
};

/// Options with the advice of several findings in them.
struct Advised {
  train::Options options;
  std::vector<Applied> applied;
};

/// Changes `options` by the advice of the first of `findings`; then looks again, as before a
/// training, and changes what shows next, at most three times. Last, where the asked rate hardly
/// learns in a short trial and another one learns well, the rate. Throws Error where the first
/// finding has no changes.
Advised follow_advice(const train::Options& options, std::span<const Finding> findings,
                      const data::Dataset& dataset, ThreadPool& threads);

/// All options as a config.toml, which `rectify train --config` reads.
std::string config_text(const train::Options& options);

}  // namespace rectify::diagnose
