#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>

#include "rectify/base/thread_pool.h"
#include "rectify/data/dataset.h"

namespace rectify::train {

/// What the samples were scaled by when the weights of a file were trained, with which alone they
/// mean something. Nothing where the file does not say, as a .npz and foreign files do not.
std::optional<data::Normalisation> scaling_of_weights(const std::filesystem::path& file);

/// How far apart two scalings of samples of `features` numbers are, a mean over the features: the
/// logarithm of the ratio of their scales, and the difference of their means in deviations. 0 for
/// the same, about 0.5 for those of similar data, several where one is no use to the weights of the
/// other.
double distance(const data::Normalisation& a, const data::Normalisation& b, std::size_t features);

/// Scalings that are farther apart are not of one kind of data: their samples differ by a factor of
/// about 3, or by a deviation.
inline constexpr double far_apart = 1;

/// The normaliser that scales the training samples `rows` most like `wanted`; of two that do it
/// alike `usual`, or else the first.
data::Normaliser nearest_normaliser(const data::Normalisation& wanted, const data::Dataset& dataset,
                                    std::span<const std::uint32_t> rows, data::Normaliser usual,
                                    ThreadPool& threads);

}  // namespace rectify::train
