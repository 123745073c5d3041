#pragma once

#include <span>
#include <string>

#include "rectify/diagnose/finding.h"
#include "rectify/train/options.h"

namespace rectify::diagnose {

/// The options with the changes of a finding. Throws Error for a flag that is no option's, and for
/// a value that it may not have.
train::Options with_changes(const train::Options& options, std::span<const Change> changes);

/// All options as a config.toml, which `rectify train --config` reads.
std::string config_text(const train::Options& options);

}  // namespace rectify::diagnose
