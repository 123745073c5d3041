#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "rectify/run/cpu/convolution/convolution.h"

namespace rectify::run::cpu {

/// Samples [first, first + count) of a batch.
struct Samples {
  std::int64_t first, count;
};

/// Cuts [0, total) into parts as equal as can be.
std::vector<Samples> cut(std::int64_t total, std::int64_t parts);

/// The place of a sample whose values have `size` elements each.
std::byte* sample(const Storage& values, std::int64_t index, std::int64_t size);

/// Whether the gradient in the image is a convolution of the gradient in the result, with the taps
/// turned round: oneDNN has its fastest code for convolutions.
bool is_convolution_backwards(const ConvolutionSize& size);

/// That convolution: from the result to the image.
ConvolutionSize turned(ConvolutionSize size);

/// Tiles of samples that threads take, an even number where there is more than one, so that two
/// have the same to do. The size alone says which (docs/architecture.md).
std::vector<Samples> sample_tiles(const ConvolutionSize& size);

/// Parts of the batch whose sums of weight gradients are kept apart: each costs a pass over a
/// weight.
std::vector<Samples> sum_parts(const ConvolutionSize& size);

/// Floats of scratch memory that sum_of_parts() asks for.
std::size_t floats_of_sums(const ConvolutionSize& size);

/// The gradient in a weight: each part puts its own to an address, and they are added in order.
void sum_of_parts(const ConvolutionSize& size, ThreadPool& threads, float* total,
                  const std::function<void(std::size_t part, float* sum)>& put);

}  // namespace rectify::run::cpu
