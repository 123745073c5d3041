#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rectify/data/dataset.h"

namespace rectify::model {

/// The mean of (answer - target)^2 over the numbers of a target, in the targets' own units;
/// `answers` are the outputs of a network that was trained on normalised targets.
double squared_error(std::span<const float> answers, std::span<const float> targets,
                     const data::Normalisation& normalisation);

/// The class that the outputs of one sample stand for: the index of the largest. A single output
/// means class 1 above 0 (above 1/2 where the loss compares it with 0 and 1), else class 0. NaN is
/// never the largest; -1 when all outputs are NaN.
std::int32_t predicted_class(std::span<const float> outputs, const std::string& loss);

/// The share of a sample's labels that its outputs get wrong; `outputs` has one matrix row for each
/// label. Adds each pair to `confusion`, [true class][predicted class], unless it is null.
double wrong_share(std::span<const float> outputs, std::span<const std::int32_t> labels,
                   const std::string& loss,
                   std::vector<std::vector<std::int64_t>>* confusion = nullptr);

}  // namespace rectify::model
