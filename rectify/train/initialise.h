#pragma once

#include <cstdint>
#include <string>

#include "rectify/base/thread_pool.h"
#include "rectify/graph/graph.h"
#include "rectify/run/parameters.h"

namespace rectify::train {

/// Draws the weights of a network. Biases start at 0; learned numbers and states of activations and
/// norms start where their item says. The numbers of a weight are addressed by (seed, position of
/// the weight among the parameters of layers, element). So two networks of the same shape start
/// from the same draws, up to distribution and gain, whatever numbers their activations learn.
///
/// With fan-in n and fan-out m (graph::fan_of): he_* has standard deviation sqrt(2 / n) (He et al.
/// 2015, eq. 10), glorot_* sqrt(2 / (n + m)) (Glorot & Bengio 2010, eq. 16), lecun_* sqrt(1 / n)
/// (LeCun et al. 1998, eq. 16), gain_normal g / sqrt(n) with the gain g that keeps the second
/// moment through the activation that follows, orthogonal has orthonormal rows or columns (Saxe et
/// al. 2014), identity ones on the diagonal (Le et al. 2015), small_uniform is U[-0.01, 0.01].
/// whitening is lecun_normal here; the whitening itself needs samples (whitening.h). `auto` is the
/// distribution that the row of the following activation names, where norms, pooling, dropout and
/// sums may lie between; its deviation is divided by the square root of 2 for each sum. If no
/// activation follows, it is glorot_uniform. auto_normal has the same deviation and is always
/// normal. The layer's gain multiplies all of them. `replacement` is used instead of `auto`. The
/// bits do not depend on the number of threads.
void initialise(const graph::Graph& graph, const run::ParameterLayout& layout, std::uint64_t seed,
                const std::string& replacement, ThreadPool& threads, float* parameters);

/// The standard deviation that `auto` draws this weight with, before the layer's own gain: what the
/// layer would usually start from. 0 for one that is no layer's matrix.
double usual_deviation(const graph::Graph& graph, graph::NodeId weight);

}  // namespace rectify::train
