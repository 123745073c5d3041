#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rectify/data/dataset.h"

namespace rectify::model {

/// The mean of (answer - target)^2 over the numbers of a target, in the targets' own units;
/// `answers` are a network's, for normalised targets.
double squared_error(std::span<const float> answers, std::span<const float> targets,
                     const data::Normalisation& normalisation);

/// The class that outputs stand for: the largest; with one output, above 0 (or above 1/2 when the
/// loss compares it with 0 and 1). NaN never wins; -1 when all are.
std::int32_t predicted_class(std::span<const float> outputs, const std::string& loss);

/// The share of a sample's labels that its outputs, a row for each label, get wrong. What is found
/// is added to `confusion` ([true class][predicted class]) if there is one.
double wrong_share(std::span<const float> outputs, std::span<const std::int32_t> labels,
                   const std::string& loss,
                   std::vector<std::vector<std::int64_t>>* confusion = nullptr);

}  // namespace rectify::model
