#pragma once

#include <cstdint>
#include <optional>

#include "rectify/base/thread_pool.h"
#include "rectify/data/dataset.h"
#include "rectify/data/images/image.h"
#include "rectify/model/model.h"

namespace rectify::pretrain {

/// How well an autoencoder reproduces the test samples, normalised as it sees them.
struct Reconstruction {
  std::size_t samples = 0;
  std::size_t features = 0;       ///< numbers of a sample
  double mean_squared_error = 0;  ///< of a number
  std::int64_t components = 0;    ///< principal components that are compared with it
  /// What their projection leaves: nothing for samples of more than 1,024 numbers, and where there
  /// are as many components as numbers.
  std::optional<double> principal_error;

  /// Summed over the numbers of a sample, as Hinton & Salakhutdinov 2006 have it.
  double a_sample(double mean) const { return mean * static_cast<double>(features); }
};

/// Measures on the test split. `autoencoder`: Pretrainer::autoencoder(). `components`: its
/// narrowest width. The principal components are those of the training samples `train`.
Reconstruction reconstruct(const model::Model& autoencoder, std::int64_t components,
                           const data::Dataset& dataset, std::span<const std::uint32_t> train,
                           ThreadPool& threads);

/// The first test samples, `columns` a line, and below each line what the autoencoder makes of it.
/// Nothing for samples that are no images.
std::optional<data::Image> reconstruction_image(const model::Model& autoencoder,
                                                const data::Dataset& dataset, std::size_t columns,
                                                ThreadPool& threads);

}  // namespace rectify::pretrain
