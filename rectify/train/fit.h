#pragma once

#include <string>

#include "rectify/data/dataset.h"
#include "rectify/model/model.h"
#include "rectify/train/options.h"

namespace rectify::train {

/// Throws Error when an option does not go with the network or its (resolved) loss: label
/// smoothing, mixup, a label of decay_of or rate_of, init=whitening.
void check_fit(const Options& options, const model::Model& model, const data::Dataset& dataset,
               const std::string& loss);

}  // namespace rectify::train
