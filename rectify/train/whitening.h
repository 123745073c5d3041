#pragma once

#include <span>

#include "rectify/base/thread_pool.h"
#include "rectify/data/dataset.h"
#include "rectify/model/model.h"

namespace rectify::train {

/// Throws Error if a weight has init=whitening, or init=auto with a `replacement` of whitening, and
/// cannot be whitened. Its layer must be a dense, or a conv of one group, directly after the input,
/// whose units read at most 2048 numbers each; it has at most twice as many units as a unit reads
/// numbers.
void check_whitening(const graph::Graph& graph, const std::string& replacement);

/// Sets the weights with init=whitening from training samples, as the network sees them. A unit
/// reads a patch of an image, or a whole sample. Let e be the eigenvectors and l the eigenvalues of
/// the matrix of second moments of these numbers, sorted by falling l. The weights of unit i are
/// e_i / sqrt(l_i + s), where s is 0.0005 times the mean of l. So the outputs have a variance of
/// about 1 and are not correlated. The second half of the units are the first half times -1, so
/// that a rectifier loses nothing. The layer's gain multiplies all. (Coates & Ng 2012, section 2;
/// for training in few epochs: Page 2018 and Jordan 2024, section 3.2.) At most 200 patches of an
/// image and 2000 samples are read; fewer if units read many numbers, but at least ten patches for
/// each number that a unit reads. The bits do not depend on the number of threads. Throws Error for
/// samples that are all 0.
void whiten(model::Model& model, const data::Dataset& dataset,
            std::span<const std::uint32_t> samples, const std::string& replacement,
            ThreadPool& threads);

}  // namespace rectify::train
