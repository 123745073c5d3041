#pragma once

#include <string>

#include "rectify/data/dataset.h"
#include "rectify/model/model.h"
#include "rectify/train/options.h"

namespace rectify::train {

/// Throws Error if an option does not fit the network or its `loss` (which is never "auto" here):
/// label smoothing, mixup, class weights, certified training, a label in decay_of or rate_of,
/// init=whitening.
void check_fit(const Options& options, const model::Model& model, const data::Dataset& dataset,
               const std::string& loss);

}  // namespace rectify::train
