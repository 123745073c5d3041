#pragma once

#include <span>

#include "rectify/base/thread_pool.h"
#include "rectify/data/dataset.h"
#include "rectify/model/model.h"

namespace rectify::train {

/// Throws Error where a weight says init=whitening (or `replacement`, which stands in for `auto`,
/// is whitening) and cannot have it: it wants a dense or a conv of one group, directly behind the
/// input, that reads at most 2048 numbers a unit and has at most twice as many units.
void check_whitening(const graph::Graph& graph, const std::string& replacement);

/// Sets the weights of init=whitening from training samples, as the network sees
/// them: with the eigenvectors e and eigenvalues l of the matrix of second moments of what one unit
/// reads (a patch of an image, a whole sample), sorted by falling l, unit i weighs e_i / sqrt(l_i +
/// s), s = 0.0005 times the mean of l. So its outputs have about variance 1 and are not correlated.
/// The second half of the units are the first half times -1, so that a rectifier loses nothing. The
/// layer's gain multiplies all. (Coates & Ng 2012, section 2; for training in few epochs: Page 2018
/// and Jordan 2024, section 3.2.) At most 200 patches of an image are read,
/// and 2000 samples: fewer where units read much, but ten patches for each number that a unit
/// reads. The bits do not depend on the number of threads. Throws Error for samples that are all 0.
void whiten(model::Model& model, const data::Dataset& dataset,
            std::span<const std::uint32_t> samples, const std::string& replacement,
            ThreadPool& threads);

}  // namespace rectify::train
