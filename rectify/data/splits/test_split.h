#pragma once

#include <string>

#include "rectify/data/dataset.h"

namespace rectify::data {

/// Makes a test split of a fifth of the training split, the same share of every class (of all
/// samples in regression), and notes it in the data set. Which samples does not change from run to
/// run. Throws Error, beginning with `what`, when there are too few samples to hold one out.
void hold_out_test(Dataset& dataset, const std::string& what);

}  // namespace rectify::data
