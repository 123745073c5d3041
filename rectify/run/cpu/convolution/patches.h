#pragma once

#include "rectify/run/cpu/convolution/convolution.h"

namespace rectify::run::cpu {

/// Whether the gradient in the weight is computed as a product of patches and gradients: with
/// images so small, oneDNN's convolutions of bfloat16 mostly fill up their blocks
/// (docs/decisions/0009).
bool has_gradient_by_patches(const ConvolutionSize& size);

/// What the window covers at each place of the results of `samples` images: to rows of kernel
/// height x kernel width x channels, with zeros beyond the border. For one group.
void gather_patches(const ConvolutionSize& size, std::int64_t samples, const std::byte* images,
                    std::byte* patches);

}  // namespace rectify::run::cpu
