#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "rectify/base/thread_pool.h"
#include "rectify/data/dataset.h"

namespace rectify::pretrain {

/// Numbers of a sample up to which principal components are found: they take a matrix of its
/// square.
inline constexpr std::size_t most_principal_features = 1024;

/// The mean squared error of a number of the test samples, scaled by `scalings`, that is left when
/// they are projected on the first `components` principal components of the training samples with
/// the numbers `train`.
double principal_error(const data::Dataset& dataset, std::span<const std::uint32_t> train,
                       std::span<const data::Scaling> scalings, std::int64_t components,
                       ThreadPool& threads);

}  // namespace rectify::pretrain
