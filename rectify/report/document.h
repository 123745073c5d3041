#pragma once

#include <nlohmann/json.hpp>

#include "rectify/report/comparison.h"

namespace rectify::report {

/// The number, or null when it is not finite.
nlohmann::ordered_json number_or_null(double value);

/// The document that to_json writes, as a tree.
nlohmann::ordered_json document(const Comparison& comparison);

}  // namespace rectify::report
