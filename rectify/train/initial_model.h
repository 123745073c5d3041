#pragma once

#include <cstdint>
#include <span>

#include "rectify/base/thread_pool.h"
#include "rectify/data/dataset.h"
#include "rectify/model/model.h"
#include "rectify/train/objective.h"
#include "rectify/train/options.h"

namespace rectify::train {

/// The network of the options at its initial weights, with what it needs to be used on the data:
/// loss, classes, columns, normalisation by the training samples with the numbers `rows`. Throws
/// Error where network, options and data do not fit together. Options::weights is not read.
model::Model initial_model(const Options& options, const data::Dataset& dataset,
                           std::span<const std::uint32_t> rows, ThreadPool& threads);

/// How the options train such a model on the data.
Supervision supervision_of(const Options& options, const model::Model& model,
                           const data::Dataset& dataset);

}  // namespace rectify::train
