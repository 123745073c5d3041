#pragma once

#include <string>
#include <vector>

#include "rectify/report/comparison.h"

namespace rectify::report {

/// Whether inference was timed for some network of a comparison.
bool has_inference(const Comparison& comparison);

/// The table of error, zeros by layer, and speed, for a terminal: at most `width` columns. Empty
/// where inference was not timed.
std::string sparsity_text(const Comparison& comparison, std::size_t width);

/// The section of the page with two charts and the same table; empty where inference was not timed.
std::string sparsity_html(const Comparison& comparison, const std::vector<std::size_t>& order);

}  // namespace rectify::report
