#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "rectify/base/progress.h"
#include "rectify/base/thread_pool.h"
#include "rectify/pretrain/saved_stack.h"

namespace rectify::pretrain {

struct NetSampling {
  std::size_t count = 64;
  int steps = 1000;  ///< of Gibbs sampling in the last machine
  std::uint64_t seed = 1;
};

/// Samples of a belief net (Hinton, Osindero & Teh 2006): chains of Gibbs sampling in the last
/// layer's machine, begun at units that follow their biases alone, and from there down through the
/// layers by their means. count x inputs numbers, scaled as samples are for the network. The same
/// bits for any number of threads. Throws Error where a layer is no Boltzmann machine, and for
/// numbers below 1.
///
///     const SavedStack stack = load_stack("mnist-rbm");
///     std::vector<float> samples = sample_net(stack, {.count = 64}, threads);
///     to_stored(samples, stack);  // 0 to 255
std::vector<float> sample_net(const SavedStack& stack, const NetSampling& how, ThreadPool& threads,
                              const ProgressCallback& progress = {});

/// Brings numbers that are scaled for the network back to the scale of the data.
void to_stored(std::span<float> samples, const SavedStack& stack);

}  // namespace rectify::pretrain
