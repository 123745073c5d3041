#pragma once

#include <string>

#include "rectify/model/safetensors.h"
#include "rectify/run/parameters.h"
#include "rectify/train/step.h"

namespace rectify::pretrain {

/// What one training among several goes on from, as tensors and metadata whose names begin with
/// `prefix`: parameters, the optimiser's state, epochs and steps.
void put_training(model::TensorFile& file, const std::string& prefix,
                  const run::ParameterLayout& layout, const float* parameters,
                  const train::Step& step, int epoch);

/// The same back; returns the number of epochs. Throws Error where something is missing.
int take_training(const model::TensorFile& file, const std::string& prefix,
                  const run::ParameterLayout& layout, float* parameters, train::Step& step);

}  // namespace rectify::pretrain
