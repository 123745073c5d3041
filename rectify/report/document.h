#pragma once

#include "rectify/base/json.h"
#include "rectify/report/comparison.h"

namespace rectify::report {

/// The number, or null when it is not finite.
Json number_or_null(double value);

/// How the rate `lr` was chosen; null when it was given.
Json rate_choice(double lr, const RateChoice& choice);

/// The document that to_json writes, as a tree.
Json document(const Comparison& comparison);

}  // namespace rectify::report
