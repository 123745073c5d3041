#pragma once

#include <string>

#include "rectify/data/dataset.h"

namespace rectify::data {

/// Moves a fifth of the training split to the test split: the same share of every class (in
/// regression: of all samples). Notes it in the data set. The choice of samples is the same in
/// every run. Throws Error, which begins with `what`, when there are too few samples.
void hold_out_test(Dataset& dataset, const std::string& what);

}  // namespace rectify::data
