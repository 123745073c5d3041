#pragma once

#include <string>
#include <vector>

#include "rectify/model/evaluate.h"

namespace rectify::model {

/// What somebody should know of a network before trusting its error, one sentence each: layers most
/// of whose units are dead, the same answer to every sample, numbers predicted worse than by their
/// mean. `evaluation` must have been watched for the layers to be known. Empty where nothing is
/// wrong.
std::vector<std::string> remarks(const Evaluation& evaluation,
                                 const std::vector<std::string>& class_names);

/// The error of the simplest answer there is: in classification the share of samples that are not
/// of the commonest class, in regression the rmse of predicting the mean.
double baseline_error(const Evaluation& evaluation);

}  // namespace rectify::model
