#pragma once

#include <cstdint>

#include "rectify/data/dataset.h"
#include "rectify/model/model.h"

namespace rectify::lab {

/// Samples of the test split that a network answers in a second when it is given `batch` at once,
/// on all threads of the pool. It runs on other samples each time, for about a fifth of a second,
/// after a few runs that do not count; the median over parts of that time is returned. Zeros that
/// rectifiers make are left out of products where that is faster, as in every inference.
double inference_speed(model::Model model, const data::Dataset& dataset, std::int64_t batch,
                       ThreadPool& threads);

}  // namespace rectify::lab
