#pragma once

#include <string>

#include "rectify/base/json.h"
#include "rectify/model/evaluate.h"

namespace rectify::cli {

/// "error 2.31 % (always the commonest class: 88.65 %)", or "rmse 3.1, mean absolute
/// error 2.4, R2 0.81 (predicting the mean: rmse 7.2)". Numbers are in the targets' units.
std::string score_text(const model::Evaluation& evaluation);

/// What stands beside the error, as members of an object: "baseline_error", and for numbers
/// "mean_absolute_error" and "r2".
void put_scores(Json& json, const model::Evaluation& evaluation);

}  // namespace rectify::cli
